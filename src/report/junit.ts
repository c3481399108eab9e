import type { Format } from './formats.js';

export const junit: Format = { render: () => '' };

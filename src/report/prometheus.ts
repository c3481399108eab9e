import type { Format } from './formats.js';

export const prometheus: Format = { render: () => '' };

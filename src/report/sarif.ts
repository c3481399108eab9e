import type { Format } from './formats.js';

export const sarif: Format = { render: () => '' };

import type { Format } from './formats.js';

export const markdown: Format = { render: () => '' };

import type { Format } from './formats.js';

export const nagios: Format = { render: () => '' };

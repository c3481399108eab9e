/**
 * What is taken from the bundle: by bin/, and by `npm start`. It is one file, which is loaded as a whole, so that a run
 * goes on when its package is upgraded meanwhile.
 */
export { crash, leave } from './leave.js';
export { main } from './main.js';

/** Loads what opens connections to libvirt, with the same native types as the rest of the bundle. */
export const loadConnection = () => import('../libvirt/connection.js');

/** Scenarios and processes as pictures. Pure: a function from a scenario, and a process's progress, to an SVG document. */
export { diagram, draw, layoutScenario, DiagramTooLarge, LARGEST } from './diagram.js';
export type { Layout } from './layout.js';
export type { NormalizedScenario as DiagramScenario } from '@handover/scenario';
export { wayTaken, type Progress, type WayTaken } from './way-taken.js';

/** The controller looks each so many seconds; its figures are up to two scrapes and a query old. */
export const PERIOD = 15;
export const FIGURES_AGE = 30;

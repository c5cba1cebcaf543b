/** Why the server cannot start, for the person at the terminal: a sentence instead of a stack. */
export class StartError extends Error {}

/** The ways in which the evaluation of FHIRPath ends without a result: http://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections */

/** The expression is wrong for this data: several items where one is needed, values without order. */
export class Failure extends Error {
  override name = 'Failure'
}

/** The compiled form does not know this; the full engine does. Thrown while compiling or, rarely, while evaluating. */
export class Beyond extends Error {
  override name = 'Beyond'
}

/** The evaluation took more steps than it may. */
export class TooManySteps extends Error {
  override name = 'TooManySteps'
}

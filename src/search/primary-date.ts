/** Which date of each resource type stands in the resource's own row, so that searches find and sort by it there. */

/** Codes from the best; the first that a type has with one value at most is its primary date. Stored: never reorder. */
export const primaryDates: readonly string[] = [
  ...[
    'date',
    'authoredon',
    'authored',
    'authored-on',
    'created',
    'onset-date',
    'birthdate',
    'effective-time',
  ],
  ...[
    'effective',
    'started',
    'whenhandedover',
    'occurrence',
    'recorded',
    'period',
    'start',
    'sent',
    'issued',
  ],
  ...['timestamp', 'identified', 'datetime', 'datewritten', 'start-date', 'collected', 'received'],
]

/** The primary date among the codes of a type's dates that have one value at most. */
export const primaryDate = (single: ReadonlySet<string>): string | undefined =>
  primaryDates.find((code) => single.has(code))

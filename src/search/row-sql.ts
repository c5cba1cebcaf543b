/** What a statement selects of a row, and how many rows it is written for. */

/** What is needed of a row to order it and to find its content. */
export const columns = 'r.id, r.fhir_id, r.version, r.last_updated, r.date_low'
/** Of the tenant and the type. */
export const ofType = 'r.tenant = $1::int and r.type = $2::smallint'

/** The row that a version `v` is the current one of; `offset 0` keeps the planner from turning the lookup around. */
export const current =
  'cross join lateral (select * from resource r where r.tenant = v.tenant and r.type = v.type and r.id = v.id and r.version = v.version offset 0) r'

/**
 * The text has the next of these sizes and the exact one is a parameter: of a parameter the planner of a prepared
 * statement would expect a tenth of the table.
 */
const sizes = [2, 6, 11, 21, 51, 101, 201, 501, 1001] as const

/** A subquery and not a join, so that each row costs one lookup whatever the planner believes. */
export const content =
  '(select v.content from resource_version v where v.tenant = $1::int and v.type = r.type and v.id = r.id and v.version = r.version) as content'

/** In bytes: a larger content does not come with the row of a page, whose size would otherwise know no bound. */
const small = 32_768

/** The content, or null when it is large. */
export const smallContent = content.replace(
  'select v.content',
  `select case when octet_length(v.content) <= ${small} then v.content end`,
)

/** In ms since 1970. */
export const lastUpdated = '(extract(epoch from r.last_updated) * 1000)::float8 as last_updated'

/** The size that the text has. */
export const sizeFor = (wanted: number): number => sizes.find((one) => one >= wanted) ?? wanted

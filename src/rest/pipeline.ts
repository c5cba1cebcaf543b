/** The table: which step applies to which interaction, and in which order. Read it first. */
import type { Ctx } from '../access/ctx.ts'
import { isId } from '../base/id.ts'
import { invalid, notFound } from '../base/problem.ts'
import { isResourceType } from '../fhir/resource-types.ts'
import type { House } from './house.ts'
import { capabilities } from './interactions/capabilities.ts'
import { create } from './interactions/create.ts'
import { deleteResource } from './interactions/delete.ts'
import { history } from './interactions/history.ts'
import { operation } from './interactions/operation.ts'
import { patch } from './interactions/patch.ts'
import { read, vread } from './interactions/read.ts'
import { search } from './interactions/search.ts'
import { update } from './interactions/update.ts'
import type { Reply } from './reply.ts'
import type { Request } from './request.ts'
import type { Step } from './step.ts'
import { identify } from './steps/identify.ts'
import { ifMatch } from './steps/if-match.ts'
import { indexRows } from './steps/index-rows.ts'
import { knownConditions } from './steps/known-conditions.ts'
import { knownQuery } from './steps/known-query.ts'
import { readBody } from './steps/read-body.ts'
import { shape } from './steps/shape.ts'
import { validate } from './steps/validate.ts'
import type { Turn } from './turn.ts'

const [R, V, S, C, U, P, D, H, M, O] = [
  'read',
  'vread',
  'search',
  'create',
  'update',
  'patch',
  'delete',
  'history',
  'capabilities',
  'operation',
] as const
type Column =
  | typeof R
  | typeof V
  | typeof S
  | typeof C
  | typeof U
  | typeof P
  | typeof D
  | typeof H
  | typeof M
  | typeof O

type Row = readonly [Step, ...Column[]]

/**
 * Interactions with a condition (`If-None-Exist`, `PUT Patient?…`), batches and transactions do not come here: they
 * need several statements in one database transaction, and share `prepare` with this table. See transaction/.
 */
// biome-ignore format: the columns are the point
const table: readonly Row[] = [
  [knownQuery,       R, V,    C, U, P, D,    M],
  [knownConditions,  R, V, S, C, U, P, D, H, M, O],
  [readBody,                  C, U            ],
  [validate,                  C, U            ],
  [ifMatch,                      U            ],
  [identify,                  C, U            ],
  [indexRows,                 C, U            ],
  [read,             R                        ],
  [vread,               V                     ],
  [search,                 S                  ],
  [create,                    C               ],
  [update,                       U            ],
  [patch,                           P         ],
  [deleteResource,                     D      ],
  [history,                               H   ],
  [capabilities,                             M],
  [operation,                                   O],
  [shape,            R, V                     ],
]

const columnOf: Record<Exclude<Request['interaction'], 'batch' | 'transaction'>, Column> = {
  read: R,
  vread: V,
  'search-type': S,
  'search-system': S,
  create: C,
  update: U,
  patch: P,
  delete: D,
  'history-instance': H,
  'history-type': H,
  'history-system': H,
  capabilities: M,
  operation: O,
}

const stepsOf = Object.fromEntries(
  Object.values(columnOf).map((column) => [
    column,
    table.filter(([, ...columns]) => columns.includes(column)).map(([step]) => step),
  ]),
) as Record<Column, Step[]>

/** The path's words, checked: an id that cannot exist is not found, a type that is none too. */
export const checkTarget = ({ type, id, interaction }: Request): void => {
  if (type !== undefined && !isResourceType(type))
    throw notFound(`${JSON.stringify(type)} is not a resource type of FHIR R4.`)
  if (id === undefined || isId(id)) return
  const sentence = 'An id has 1 to 64 of the characters A-Z a-z 0-9 - and .'
  if (interaction === 'update')
    throw invalid(`${JSON.stringify(id)} cannot be an id. ${sentence}`, `${type}.id`)
  throw notFound(`${JSON.stringify(id)} cannot be an id. ${sentence}`)
}

/** Runs the column of one interaction. */
export const runPipeline = async (house: House, ctx: Ctx, request: Request): Promise<Reply> => {
  checkTarget(request)
  const column = columnOf[request.interaction as keyof typeof columnOf]
  let turn: Turn = { request }
  for (const step of stepsOf[column]) {
    const next = step(house, ctx, turn)
    turn = next instanceof Promise ? await next : next
  }
  if (!turn.reply) throw new Error(`the pipeline of ${request.interaction} gave no reply`)
  return turn.reply
}

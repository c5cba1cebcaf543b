/** The body of a create, read and judged as for any other type, for those that keep it elsewhere. */
import type { Ctx } from '../access/ctx.ts'
import type { JsonText } from '../fhir/json/read.ts'
import type { House } from './house.ts'
import type { Request } from './request.ts'
import { readBody } from './steps/read-body.ts'
import { validate } from './steps/validate.ts'

/** Throws 400 and 422. */
export const parseResource = async (house: House, ctx: Ctx, request: Request): Promise<JsonText> => {
  const turn = await readBody(house, ctx, { request })
  await validate(house, ctx, turn)
  return turn.json!
}

/** The paths of the RESTful API: http://hl7.org/fhir/R4/http.html#summary */
import type { Interaction } from '../rest/index.ts'

type Route = readonly [method: string, path: string, interaction: Interaction]

/** `''` is the base itself. Whether a Bundle is a batch or a transaction is read from it by `rest`. */
export const routes: readonly Route[] = [
  ['GET', '/metadata', 'capabilities'],
  ['GET', '/$:operation', 'operation'],
  ['POST', '/$:operation', 'operation'],
  ['GET', '/:type/$:operation', 'operation'],
  ['POST', '/:type/$:operation', 'operation'],
  ['GET', '/:type/:id/$:operation', 'operation'],
  ['POST', '/:type/:id/$:operation', 'operation'],
  ['GET', '/:type/:id', 'read'],
  ['PUT', '/:type/:id', 'update'],
  ['PATCH', '/:type/:id', 'patch'],
  ['DELETE', '/:type/:id', 'delete'],
  ['GET', '/:type/:id/_history/:versionId', 'vread'],
  ['GET', '/:type/:id/_history', 'history-instance'],
  ['GET', '/:type/_history', 'history-type'],
  ['GET', '/_history', 'history-system'],
  ['GET', '/:type', 'search-type'],
  ['POST', '/:type/_search', 'search-type'],
  ['POST', '/:type', 'create'],
  ['PUT', '/:type', 'update'],
  ['PATCH', '/:type', 'patch'],
  ['DELETE', '/:type', 'delete'],
  ['GET', '/:type/:id/:within', 'search-type'],
  ['POST', '/:type/:id/:within/_search', 'search-type'],
  ['GET', '', 'search-system'],
  ['POST', '/_search', 'search-system'],
  ['POST', '', 'batch'],
]

/** HEAD wherever there is GET. */
export const methodsOf = (path: string): readonly string[] =>
  routes.filter((r) => r[1] === path).flatMap(([method]) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))

export const paths: readonly string[] = [...new Set(routes.map((r) => r[1]))]

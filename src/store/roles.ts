/** In whose name statements run: the second wall between tenants, see decision 0022. */

/** Statements for one tenant run as this role, and say which by the setting `lamplight.tenant`. */
export const tenantRole = 'lamplight_app'
/** Work of the server itself that goes across tenants runs as this one. */
export const everyRole = 'lamplight_all'

/**
 * `roles` binds by the roles of the statements. `owner` is for a database whose user may not make roles: the policies
 * then bind the owner of the tables, and those tables stay without whose indexes could not be used.
 */
export type RowSecurity = 'roles' | 'owner'

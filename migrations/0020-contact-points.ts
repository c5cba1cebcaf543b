/** E-mail addresses and telephone numbers have index rows in the form that they are compared in, and relations of documents have some. */

/** What was stored before has them when its types are built anew, in the background; a build of everything has them, too. */
export const up = `
insert into index_build (name, types, total, finished_at)
select 'values', (
  select array_agg(type) from resource_type
  where name in ('DocumentReference', 'NamingSystem', 'OrganizationAffiliation', 'Patient', 'Person', 'Practitioner', 'PractitionerRole', 'RelatedPerson')
), count(*), case when count(*) = 0 then now() end
from resource r join resource_type t using (type)
where t.name in ('DocumentReference', 'NamingSystem', 'OrganizationAffiliation', 'Patient', 'Person', 'Practitioner', 'PractitionerRole', 'RelatedPerson')
on conflict (name) do update set
  types = excluded.types, total = excluded.total, done = 0, rows = 0, checksum = 0, started_at = now(),
  finished_at = excluded.finished_at, after_tenant = null, after_type = null, after_id = null
where index_build.finished_at is not null;
`

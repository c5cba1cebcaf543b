/** The schema of a database as text: the same for the same schema, whichever way and order made it. */
import pg from 'pg'

/** Objects of the schema `public`; what knex keeps about migrations and what extensions brought is left out. */
const mine = `
  n.nspname = 'public' and c.relname !~ '^schema_migration'
  and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')`

const columnsOf = `
  select string_agg('  ' || line, E',\\n' order by position) from (
    select a.attnum as position,
      quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
      || case when a.attcollation <> t.typcollation
           then ' collate ' || (select quote_ident(collname) from pg_collation where oid = a.attcollation) else '' end
      || case when a.attstorage <> t.typstorage then ' storage ' || a.attstorage::text else '' end
      || case when a.attcompression <> '' then ' compression ' || a.attcompression::text else '' end
      || case when a.attnotnull then ' not null' else '' end
      || case when a.attidentity <> '' then ' identity ' || a.attidentity::text else '' end
      || coalesce(case when a.attgenerated <> '' then ' generated ' || a.attgenerated::text || ' ' else ' default ' end
           || pg_get_expr(ad.adbin, ad.adrelid), '')
      || coalesce(' statistics ' || nullif(a.attstattarget, -1), '') as line
    from pg_attribute a join pg_type t on t.oid = a.atttypid
    left join pg_attrdef ad on ad.adrelid = a.attrelid and ad.adnum = a.attnum
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    union all
    select 10000 + row_number() over (order by k.contype <> 'p', k.conname),
      'constraint ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid)
    from pg_constraint k where k.conrelid = c.oid and k.contype <> 'n'
  ) as lines`

const options = `coalesce(' with (' || (select string_agg(o, ', ' order by o) from unnest(c.reloptions) o) || ')', '')`

/** One query for each kind of object; each gives sorted statements. */
const queries = [
  `select 'extension ' || extname as text from pg_extension where extname <> 'plpgsql' order by extname`,
  `select 'sequence ' || quote_ident(c.relname) || ' as ' || format_type(s.seqtypid, null) || ' start ' || s.seqstart
     || ' increment ' || s.seqincrement || ' cache ' || s.seqcache || ';' as text
   from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_sequence s on s.seqrelid = c.oid
   where ${mine} order by c.relname`,
  `select case c.relpersistence when 'u' then 'unlogged ' else '' end || 'table ' || quote_ident(c.relname) || E' (\\n'
     || coalesce((${columnsOf}), '') || E'\\n)'
     || coalesce(' partition by ' || pg_get_partkeydef(c.oid), '')
     || coalesce(' ' || pg_get_expr(c.relpartbound, c.oid), '') || ${options} || ';'
     || coalesce((
          select string_agg(E'\\n' || pg_get_indexdef(i.indexrelid) || ';', '' order by ic.relname)
          from pg_index i join pg_class ic on ic.oid = i.indexrelid
          where i.indrelid = c.oid and not exists (select from pg_constraint k where k.conindid = i.indexrelid)), '')
     || coalesce((
          select string_agg(E'\\n' || pg_get_triggerdef(g.oid) || ';', '' order by g.tgname)
          from pg_trigger g where g.tgrelid = c.oid and not g.tgisinternal), '') as text
   from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p') and ${mine} order by c.relname`,
  `select case c.relkind when 'm' then 'materialized view ' else 'view ' end || quote_ident(c.relname) || E' as\\n'
     || pg_get_viewdef(c.oid) as text
   from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('v', 'm') and ${mine} order by c.relname`,
  `select 'type ' || quote_ident(t.typname) || ' as enum (' || string_agg(quote_literal(e.enumlabel), ', '
     order by e.enumsortorder) || ');' as text
   from pg_type t join pg_enum e on e.enumtypid = t.oid join pg_namespace n on n.oid = t.typnamespace
   where n.nspname = 'public' group by t.typname order by t.typname`,
  `select E'row security:\\n' || string_agg('  ' || t.name || ': ' || t.policies, E'\\n' order by t.name) as text from (
     select c.relname as name, string_agg(p.polname || case when c.relforcerowsecurity then ' (forced)' else '' end,
       ', ' order by p.polname) as policies
     from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
     where c.relrowsecurity and ${mine} group by 1) t having count(*) > 0`,
  `select pg_get_functiondef(p.oid) || ';' as text
   from pg_proc p join pg_namespace n on n.oid = p.pronamespace
   where n.nspname = 'public' and p.prokind in ('f', 'p')
     and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e') order by p.oid::regprocedure::text`,
]

/** Reads the catalogue; PostgreSQL 15 and newer print the same. */
export const dumpSchema = async (config: pg.ClientConfig): Promise<string> => {
  const client = new pg.Client(config)
  await client.connect()
  try {
    const parts: string[] = [
      '-- The schema after all migrations, written by npm run schema. A test compares it.',
    ]
    for (const query of queries) {
      const { rows } = await client.query<{ text: string }>(query)
      parts.push(...rows.map(({ text }) => text.trimEnd()))
    }
    return `${parts.join('\n\n')}\n`
  } finally {
    await client.end()
  }
}

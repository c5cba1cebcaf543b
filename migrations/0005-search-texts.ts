/** Texts of resources, each different one once: what _text, _content and the modifier :text of tokens search. */

/**
 * A resource has the `token` of each of its texts among its tokens. `parameter` is the 32-bit hash of `Type.parameter`,
 * where `Type._text` is the narrative and `Type._content` any text that no parameter covers. Rows stay when no resource
 * has the text any more: they find nothing then.
 */
export const up = `
create table search_text (
  tenant int not null,
  token bigint not null,
  parameter int not null,
  words tsvector not null,
  primary key (tenant, token)
);
create index search_text_words on search_text using gin (words) with (fastupdate = on, gin_pending_list_limit = 512);
`

-- How the texts of a search index were read (docs/adr/0009-search-index.md): an index read in an older way is made anew.
alter table search_index add column reading bigint not null default 0;

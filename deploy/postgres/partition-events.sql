-- Splits the table of events into sixteen parts, by process: each has its own index, vacuum and, if wanted, disk. For an
-- installation with hundreds of millions of events. Nothing else changes: every query about a process meets one part.
--
-- Run it once, as the role that owns the schema `engine`, while no engine runs; it copies every event:
--   psql "$ENGINE_OWNER_URL" --single-transaction --set ON_ERROR_STOP=1 --file deploy/postgres/partition-events.sql

lock table events in access exclusive mode;
alter table events rename to events_whole;
alter table events_whole rename constraint events_pk to events_whole_pk;
-- Its policy would hide every row from the owner too.
alter table events_whole no force row level security;

create table events (like events_whole including defaults including storage, constraint events_pk primary key (tenant, process, index))
  partition by hash (process);
do $$
begin
  for part in 0..15 loop
    execute format('create table events_%s partition of events for values with (modulus 16, remainder %s)', part, part);
    -- Without a policy nobody sees anything in a part but through the whole, whose policy holds then.
    execute format('alter table events_%s enable row level security', part);
    execute format('alter table events_%s force row level security', part);
  end loop;
end $$;

insert into events select * from events_whole;

alter table events enable row level security;
alter table events force row level security;
create policy tenant on events
  using (tenant = (select nullif(current_setting('handover.tenant', true), '')))
  with check (tenant = (select nullif(current_setting('handover.tenant', true), '')));
drop table events_whole;

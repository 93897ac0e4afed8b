/**
 * One call, which is one transaction, for a group of units. The group holds no two units of which one expects what
 * the other expects or counts (group.ts), so all of them are judged before anything is written. Whatever comes
 * between raises 40001, and the call is made again.
 *
 * Plans are made while the tables are small and used when they are large: every look at a table is written so that
 * only its index can serve it (a subquery for one row, a list of keys, the target of a conflict), and none is
 * compiled for costs that are not real. A unit and one of its numbers make one number: u * 1000000 + i.
 */
export const COMMIT_FUNCTION = `create or replace function signalbox.commit(
  docs text[], bare text[], expects json, puts json, gone json, increments json, entries json, jobs json, delivered bigint[]
) returns json language plpgsql set enable_seqscan = off set plan_cache_mode = force_generic_plan set jit = off as $$
declare
  bad int[] := '{}'; conflicts json; zeros bigint[] := '{}'; counted json; owed json; missed bigint;
  now_ms bigint := extract(epoch from clock_timestamp()) * 1000;
begin
  if delivered is not null then delete from signalbox.outbox where seq = any (delivered); end if;
  -- What is expected and will not be written must have a row, or it could not be locked.
  if bare is not null then
    insert into signalbox.document (doc, rev) select x.doc, 0 from unnest(bare) x (doc) order by 1 on conflict do nothing;
  end if;
  if docs is not null then
    perform 1 from signalbox.document d where d.doc = any (docs) order by d.doc for update;
  end if;
  if expects is not null then
    select coalesce(array_agg(x.u), '{}'), json_agg(json_build_array(x.u, x.doc)) into bad, conflicts from (
      select distinct on (e.u) e.u, e.doc from json_to_recordset(expects) as e (u int, i int, doc text, rev int, zero text)
      where case when e.zero is null then coalesce((select d.rev from signalbox.document d where d.doc = e.doc), 0) <> e.rev
        else coalesce((select (d.counts ->> e.zero)::bigint from signalbox.document d where d.doc = e.doc), 0) <> 0 end
      order by e.u, e.i) x;
  end if;
  if puts is not null then
    with put as (
      select x.* from json_to_recordset(puts) as x (u int, doc text, rev int, value json, counts jsonb) where x.u <> all (bad)),
    wrote as (
      insert into signalbox.document as d (doc, rev, value, counts) select put.doc, put.rev, put.value, put.counts from put order by put.doc
      on conflict (doc) do update set rev = excluded.rev, value = excluded.value, counts = d.counts || excluded.counts, removed_at = null
      where d.rev = excluded.rev - 1 returning 1)
    select (select count(*) from put) - (select count(*) from wrote) into missed;
    if missed <> 0 then raise exception 'a document came between' using errcode = '40001'; end if;
  end if;
  if gone is not null then
    update signalbox.document set rev = rev + 1, value = null, counts = '{}', removed_at = now_ms
    where doc = any (array(select x.doc from json_to_recordset(gone) as x (u int, doc text) where x.u <> all (bad)))
    and (rev > 0 or counts <> '{}');
  end if;
  if increments is not null then
    with inc as (
      select x.* from json_to_recordset(increments) as x (u int, i int, doc text, field text, by bigint) where x.u <> all (bad)),
    total as (
      select s.doc, jsonb_object_agg(s.field, s.by) as counts
      from (select inc.doc, inc.field, sum(inc.by)::bigint as by from inc group by inc.doc, inc.field) s group by s.doc),
    wrote as (
      insert into signalbox.document as d (doc, rev, counts) select total.doc, 0, total.counts from total order by total.doc
      on conflict (doc) do update set counts = d.counts || (
        select jsonb_object_agg(f.key, coalesce((d.counts ->> f.key)::bigint, 0) + f.value::bigint) from jsonb_each_text(excluded.counts) f)
      returning d.doc, d.counts),
    each as (
      select inc.u, inc.i, (wrote.counts ->> inc.field)::bigint - coalesce(sum(inc.by) over (
        partition by inc.doc, inc.field order by inc.u desc, inc.i desc rows between unbounded preceding and 1 preceding), 0)::bigint as n
      from inc join wrote on wrote.doc = inc.doc)
    select json_agg(json_build_array(each.u, each.i, each.n)), coalesce(array_agg(each.u::bigint * 1000000 + each.i) filter (where each.n = 0), '{}')
    into counted, zeros from each;
  end if;
  if entries is not null then
    with entry as (
      select distinct on (x.list, x.member) x.list, x.member, x.score
      from json_to_recordset(entries) as x (u int, z int, n int, list text, member text, score float8)
      where x.u <> all (bad) and (x.z is null or x.u::bigint * 1000000 + x.z = any (zeros))
      order by x.list, x.member, x.u desc, x.n desc),
    left_set as (
      delete from signalbox.entry where ctid = any (array(
        select (select e.ctid from signalbox.entry e where e.list = entry.list and e.member = entry.member) from entry where entry.score is null)))
    insert into signalbox.entry (list, member, score)
    select entry.list, entry.member, entry.score from entry where entry.score is not null
    on conflict (list, member) do update set score = excluded.score where signalbox.entry.score <> excluded.score;
  end if;
  if jobs is not null then
    with chosen as (
      select nextval('signalbox.outbox_seq') as seq, x.n, x.job from json_to_recordset(jobs) as x (u int, z int, n int, job json)
      where x.u <> all (bad) and (x.z is null or x.u::bigint * 1000000 + x.z = any (zeros))),
    kept as (insert into signalbox.outbox (seq, at, job) select chosen.seq, now_ms, chosen.job from chosen)
    select json_agg(json_build_array(chosen.seq, chosen.n)) into owed from chosen;
  end if;
  return json_build_object('conflicts', conflicts, 'counted', counted, 'owed', owed);
end $$`

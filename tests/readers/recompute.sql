-- The figures a second time, in DuckDB's dialect, from observations, submissions and seeds alone.
-- Money in yuan. Read top to bottom: what counts, who is in the sums, sums, ratios, targets, status.

-- six digits, half away from zero, in integers: no engine's idea of decimal division is involved
create macro ratio6(top, bottom) as case when bottom > 0 then cast(
    sign(top) * ((abs(cast(top * 100 as hugeint)) * 2000000 + cast(bottom * 100 as hugeint))
        // (2 * cast(bottom * 100 as hugeint)))
    as decimal(30, 6)) / 1000000 end;
create macro six(top, bottom) as cast(ratio6(top, bottom) as decimal(30, 6));

create macro month_of(text_) as cast(text_ || '-01' as date);

-- the newest accepted revision of a report, by the time it came
create view newest_reports as
select form, period, credit_code, submission_id
from submissions
where state = 'accepted'
qualify row_number() over (
    partition by form, period, credit_code
    order by received_at desc, revision desc
) = 1;

create view newest as
select form, period, credit_code, item, measure, value
from newest_reports join observations using (form, period, credit_code, submission_id);

create view roster as
select
    credit_code, zone, is_leading = 'true' as is_leading, base_rule, string_split(forms, ';') as forms,
    month_of(roster_from) as first, coalesce(month_of(roster_to), date '9999-12-01') as last
from firms;

-- one row a report and group of items: industry and product rows are not part of these sums
create table reports as
select
    form, period, credit_code, split_part(item, ':', 1) as item,
    cast(sum(value) filter (measure = 'month' and month(period) > 2) as decimal(30, 2)) as m,
    cast(sum(value) filter (measure = 'ytd') as decimal(30, 2)) as y,
    cast(sum(value) filter (measure = 'prior_month' and month(period) > 2) as decimal(30, 2)) as pm,
    cast(sum(value) filter (measure = 'prior_ytd') as decimal(30, 2)) as py
from newest join roster using (credit_code)
where period between first and last and item not like 'product:%' and item not like 'industry:%'
group by all;

create table months as select distinct form, period from reports;

-- a kept base: last report of the year before leaving, against the same month a year ago
create table kept as
with
gone as (
    select form, period, credit_code, last
    from months join roster
        on base_rule = 'keep' and year(last) = year(period) and last < period
),
final as (
    select gone.form, gone.period, gone.credit_code, max(r.period) as at
    from gone join reports r
        on r.form = gone.form and r.credit_code = gone.credit_code
        and year(r.period) = year(gone.period) and r.period <= gone.last
    group by all
)
select
    f.form, f.period, f.credit_code, coalesce(l.item, a.item) as item,
    cast(case when month(f.period) > 2 then 0 end as decimal(30, 2)) as m,
    coalesce(l.y, 0) as y,
    a.m as pm,
    coalesce(case when exists (
        from reports e
        where e.form = f.form and e.credit_code = f.credit_code and e.period = f.period - interval 1 year
    ) then a.y else l.py end, 0) as py
from final f
join reports l on l.form = f.form and l.credit_code = f.credit_code and l.period = f.at
left join reports a
    on a.form = f.form and a.credit_code = f.credit_code and a.item = l.item
    and a.period = f.period - interval 1 year;

create table basis as
select *, true as is_in from reports
union all by name
select *, false as is_in from kept;

create table members as
select 'district' as scope_kind, '220106' as scope_id, credit_code from roster
union all select 'zone', zone, credit_code from roster where zone <> ''
union all select 'leading', credit_code, credit_code from roster where is_leading
union all select 'firm', credit_code, credit_code from roster
union all select 'chain', chain, credit_code from firms where chain <> '';

create table sums as
select
    form, period, scope_kind, scope_id, item,
    case when month(period) > 2 then coalesce(sum(m), 0) end as m,
    coalesce(sum(y), 0) as y,
    case when month(period) > 2 then coalesce(sum(pm), 0) end as pm,
    coalesce(sum(py), 0) as py,
    count(*) filter (is_in and coalesce(y, 0) > coalesce(py, 0)) as growing
from basis join members using (credit_code)
group by form, period, scope_kind, scope_id, item;

create table responses as
select
    d.period, scope_kind, scope_id,
    count(*) filter (list_contains(forms, 'B204-1')) as due,
    count(*) filter (exists (
        from newest_reports n
        where n.form = 'B204-1' and n.period = d.period and n.credit_code = roster.credit_code
    )) as reported
from (from months where form = 'B204-1') d
join roster on d.period between first and last
join members using (credit_code)
group by all;

create view my_totals as
select
    s.period, s.scope_kind, s.scope_id, s.item,
    s.m as month_cny, s.y as ytd_cny, s.pm as prior_month_cny, s.py as prior_ytd_cny,
    six(s.m - s.pm, s.pm) as yoy_month,
    six(s.y - s.py, s.py) as yoy_ytd,
    six((s.y - s.py) * 100, d.py) as contribution_points,
    six(s.y, d.y) as share_of_district,
    coalesce(r.due, 0) as firms_due,
    coalesce(r.reported, 0) as firms_reported,
    s.growing as firms_growing
from sums s
join sums d on d.form = s.form and d.period = s.period and d.item = s.item and d.scope_kind = 'district'
left join responses r on r.period = s.period and r.scope_kind = s.scope_kind and r.scope_id = s.scope_id
where s.form = 'B204-1' and s.scope_kind in ('district', 'zone', 'leading');

create view my_targets as
select s.period, t.target_id, t.kind, s.y as ytd_cny, s.py as prior_ytd_cny, cast(t.level_cny as decimal(30, 2)) as level
from targets t
join sums s
    on s.form = t.form and s.scope_kind = t.scope_kind and s.scope_id = t.scope_id
    and s.item = split_part(t.item, '/', 1) and year(s.period) = cast(t.year as int)
where t.kind <> 'count';

create view my_levels as
select
    period, target_id, level as target_cny,
    six(ytd_cny, level) as attained_share,
    greatest(level - ytd_cny, 0) as gap_cny,
    case when month(period) < 12 then cast(
        (2 * cast(greatest(level - ytd_cny, 0) * 100 as hugeint) + (12 - month(period)))
        // (2 * (12 - month(period))) as decimal(30, 2)) / 100 end as required_month_raw,
    cast(required_month_raw as decimal(24, 2)) as required_month_cny
from my_targets
where kind = 'level';

-- due: on the roster, asked for the form, a month of the calendar that has been filed
create view my_status as
with
span as (
    select form, min(period) as first_filed, max(period) as last_filed
    from submissions where period <= cast(received_at as date) group by form
),
due as (
    select c.form, month_of(c.period) as period, cast(c.deadline as timestamptz) as deadline, credit_code
    from calendar c
    join span on span.form = c.form and month_of(c.period) between first_filed and last_filed
    join roster on list_contains(forms, c.form) and month_of(c.period) between first and last
),
shown as (
    select due.*, arg_max(s.state, rank) as state, min(s.received_at) as first_received_at
    from due left join (
        select *, (case when is_current then 100000 else 0 end) + revision as rank from submissions
    ) s using (form, period, credit_code)
    group by all
)
select
    period, form, count(*) as due,
    count(*) filter (state is null) as missing,
    count(*) filter (state = 'accepted') as accepted,
    count(*) filter (state in ('queried', 'refused')) as held,
    count(*) filter (state is null or first_received_at > deadline) as late
from shown
group by all;

-- The figures a second time, in DuckDB's dialect, from observations, submissions, seeds and settings alone.
-- Money in yuan. Read top to bottom: what counts, who is in the sums, sums, ratios, coverage, targets, status.

-- six digits, half away from zero, in integers: no engine's idea of decimal division is involved
create macro ratio6(top, bottom) as case when bottom > 0 then cast(
    sign(top) * ((abs(cast(top * 100 as hugeint)) * 2000000 + cast(bottom * 100 as hugeint))
        // (2 * cast(bottom * 100 as hugeint)))
    as decimal(30, 6)) / 1000000 end;
create macro six(top, bottom) as cast(ratio6(top, bottom) as decimal(30, 6));

create macro month_of(text_) as cast(text_ || '-01' as date);

-- the newest accepted revision of a report, by the time it came; a firm's own form before an export
create table newest_reports as
select form, period, credit_code, submission_id
from submissions
where state = 'accepted'
qualify row_number() over (
    partition by form, period, credit_code
    order by layout = 'table', received_at desc, revision desc
) = 1;

create table newest as
select form, period, credit_code, item, measure, value
from newest_reports join observations using (form, period, credit_code, submission_id);

create table roster as
select
    credit_code, zone, chain, industry_code, size_class,
    is_leading = 'true' as is_leading, base_rule, string_split(forms, ';') as forms,
    month_of(roster_from) as first, coalesce(month_of(roster_to), date '9999-12-01') as last
from firms;

-- whose reports before `until` are whose history, for months that look back from `since` on
create table lineage as
with recursive walk as (
    select distinct credit_code as code, credit_code as filer, date '0001-01-01' as since, date '9999-12-01' as until
    from roster
    union
    select code, predecessor, greatest(since, month_of(period)), least(until, month_of(period))
    from walk join restructurings r on r.credit_code = filer
    where kind in ('code_change', 'merger')
)
from walk;

-- an industry's code at each level: the section's letter, the division, the class
create macro levels(code) as [
    {'kind': 'industry_section', 'id': case when code[:2] < '13' then 'B' when code[:2] < '44' then 'C' else 'D' end},
    {'kind': 'industry', 'id': code[:2]},
    {'kind': 'industry_class', 'id': code}
];

create table rows as
select
    form, period, n.credit_code, item, first as spell,
    sum(value) filter (measure = 'month' and month(period) > 2) as m,
    sum(value) filter (measure = 'ytd') as y,
    sum(value) filter (measure = 'prior_month' and month(period) > 2) as pm,
    sum(value) filter (measure = 'prior_ytd') as py
from newest n join roster r on r.credit_code = n.credit_code and period between first and last
where item not like 'product:%'
group by all;

-- one row a report and group of items; both years or neither side of growth
create table reports as
select
    form, period, credit_code, spell,
    case
        when item like 'supply:%' and not exists (
            from lineage join roster on roster.credit_code = code
            where filer = split_part(item, ':', 2) and since <= period and period between first and last
        ) then 'outside_supply'
        when level is not null then level.kind
        else split_part(item, ':', 1)
    end as item,
    coalesce(level.id, '') as division,
    cast(sum(m) as decimal(30, 2)) as m,
    cast(sum(y) as decimal(30, 2)) as y,
    cast(sum(m) filter (pm is not null) as decimal(30, 2)) as cm,
    cast(sum(y) filter (py is not null) as decimal(30, 2)) as cy,
    cast(sum(pm) filter (m is not null) as decimal(30, 2)) as pm,
    cast(sum(py) filter (y is not null) as decimal(30, 2)) as py,
    bool_or(y is not null and py is null) as lacks
from (
    select *, unnest(case when item like 'industry:%' then levels(item[10:]) else [null] end) as level
    from rows
)
group by all;

create table months as select distinct form, period from reports;
create table filed as select distinct form, period, credit_code from reports;

-- last year's reports of a firm's history; whole when each filer asked for one has one
create table history as
select
    form, period + interval 1 year as period, code as credit_code, item, division,
    sum(m) as m, sum(y) as y,
    not exists (
        from lineage l join roster a on a.credit_code = l.filer
        where l.code = w.code and l.since <= r.period + interval 1 year and r.period < l.until
            and r.period between a.first and a.last and list_contains(a.forms, r.form)
            and not exists (from filed f where f.form = r.form and f.period = r.period and f.credit_code = l.filer)
    ) as whole
from reports r join lineage w on w.filer = r.credit_code and r.period < until and since <= r.period + interval 1 year
group by all;

-- a kept base: off the roster since a spell of this year, nobody's predecessor
create table gone as
select mo.form, mo.period, s.credit_code, max_by(s.first, s.first) as spell, max_by(s.last, s.first) as last
from months mo join roster s on year(s.last) = year(mo.period) and s.last < mo.period
where not exists (from roster r where r.credit_code = s.credit_code and mo.period between r.first and r.last)
    and not exists (from restructurings t where t.predecessor = s.credit_code and month_of(t.period) <= mo.period)
group by all
having max_by(s.base_rule, s.first) = 'keep';

-- the newest report of the firm or of those it went on from
create table last_words as
with said as (
    select g.form, g.period, g.credit_code, r.period as last_at, item, division,
        sum(y) as y, sum(cy) as cy, sum(py) as py, bool_or(lacks) as lacks
    from gone g
    join lineage l on l.code = g.credit_code and l.since <= g.period
    join reports r on r.form = g.form and r.credit_code = l.filer and year(r.period) = year(g.period)
        and r.period <= g.last and r.period < l.until
    group by all
)
from said
qualify rank() over (partition by form, period, credit_code order by last_at desc) = 1;

create table kept as
select
    g.form, g.period, g.credit_code, g.spell, coalesce(w.item, h.item) as item, coalesce(w.division, h.division) as division,
    cast(case when month(g.period) > 2 then 0 end as decimal(30, 2)) as m,
    case when w.is_in is null then 0 else w.y end as y,
    case when h.m is not null then 0 end as cm,
    case when is_known then case when h.y is not null then coalesce(w.y, 0) end else w.cy end as cy,
    h.m as pm,
    case when is_known then h.y else w.py end as py,
    case when is_known then h.y is null else w.lacks end as lacks
from gone g
left join (select *, true as is_in from last_words) w using (form, period, credit_code)
left join history h
    on h.form = g.form and h.period = g.period and h.credit_code = g.credit_code and h.whole
    and (w.is_in is null or (h.item = w.item and h.division = w.division))
cross join lateral (
    select exists (from history x where x.form = g.form and x.period = g.period and x.credit_code = g.credit_code and x.whole) as is_known
)
where (w.y is not null) or (w.is_in is null and month(g.last) = 1 and h.item is not null);

create table basis as
select *, true as is_in from reports
union all by name
select *, false as is_in from kept;

create table members as
select 'district' as scope_kind, '220106' as scope_id, * from roster
union all select 'zone', zone, * from roster where zone <> ''
union all select 'chain', chain, * from roster where chain <> ''
union all select 'size', size_class, * from roster
union all select 'leading', credit_code, * from roster where is_leading
union all select 'firm', credit_code, * from roster;

create table placed as
select scope_kind, scope_id, b.* exclude (division)
from basis b join members m on m.credit_code = b.credit_code and m.first = b.spell
where division = ''
union all by name
select * replace ('output' as item) from (
    select item as scope_kind, division as scope_id, * exclude (division) from basis where division <> ''
);

create table sums as
select
    form, period, scope_kind, scope_id, item,
    sum(m) as m, sum(y) as y, sum(cm) as cm, sum(cy) as cy, sum(pm) as pm, sum(py) as py,
    count(*) filter (is_in and cy is not null) as compared,
    count(*) filter (is_in and cy > py) as growing,
    count(*) filter (lacks) as lacking
from placed
group by all;

-- who owes a report: on the roster, asked for the form, in no exempt month, from the first month of
-- calendar or lake to the last of the lake; before `since` only who sent something
create table span as
with
starts as (
    select form, min(period) as first_owed
    from (select form, month_of(period) as period from calendar union all select form, period from submissions)
    where form is not null
    group by form
)
select form, cast(unnest(generate_series(first_owed, (select max(period) from submissions), interval 1 month)) as date) as period
from starts;

create table owed as
select s.form, s.period, r.credit_code, r.zone, r.chain, r.size_class, r.is_leading, r.first,
    case when s.period >= (select since from settings)
        then cast(c.deadline as timestamptz) end as deadline
from span s
join roster r on s.period between r.first and r.last and list_contains(r.forms, s.form)
left join calendar c on c.form = s.form and month_of(c.period) = s.period
where not exists (from exempt e where e.form = s.form and e.month = month(s.period))
    and (s.period >= (select since from settings) or exists (
        from submissions u where u.form = s.form and u.period = s.period and u.credit_code = r.credit_code
    ));

create table standing as
select
    form, period, credit_code, bool_or(due) as is_due, bool_or(came) as has_come, bool_or(counts) as is_counted
from (
    select form, period, credit_code, true as due, false as came, false as counts from owed
    union all select form, period, credit_code, false, true, false from submissions
    union all select form, period, credit_code, false, false, true from filed
)
group by all
having is_due or is_counted;

create table responses as
with
scoped as (
    select s.*, scope_kind, scope_id
    from standing s join members m on m.credit_code = s.credit_code and s.period between m.first and m.last
    union
    select * exclude (level), level.kind, level.id
    from (
        select s.*, unnest(levels(industry_code)) as level
        from standing s join roster r on r.credit_code = s.credit_code and s.period between r.first and r.last
    )
    union
    select s.*, item, division
    from standing s join reports using (form, period, credit_code) where division <> ''
)
select
    form, period, scope_kind, scope_id,
    count(*) filter (is_due) as due,
    count(*) filter (is_due and has_come) as received,
    count(*) filter (is_counted) as reported,
    count(*) filter (is_due and is_counted) as due_reported
from scoped
group by all;

create table weights as
with
dues as (
    select s.form, s.period, s.credit_code, is_counted, item, division, y
    from standing s join history using (form, period, credit_code)
    where is_due and y is not null
),
scoped as (
    select d.*, scope_kind, scope_id
    from dues d join members m on m.credit_code = d.credit_code and d.period between m.first and m.last
    where division = ''
    union all
    select * replace ('output' as item), item, division from dues where division <> ''
)
select form, period, scope_kind, scope_id, item, sum(y) as due, coalesce(sum(y) filter (is_counted), 0) as counted
from scoped
group by all;

create table my_totals as
select
    s.period, s.scope_kind, s.scope_id, s.item,
    s.m as month_cny, s.y as ytd_cny, s.pm as prior_month_cny, s.py as prior_ytd_cny,
    s.cm as comparable_month_cny, s.cy as comparable_ytd_cny,
    six(s.cm - s.pm, s.pm) as yoy_month,
    six(s.cy - s.py, s.py) as yoy_ytd,
    six((s.cy - s.py) * 100, d.py) as contribution_points,
    case when six(d.cy - d.py, d.py) >= 0.01 then six(s.cy - s.py, d.cy - d.py) end as contribution_share,
    six(s.y, d.y) as share_of_district,
    coalesce(r.due, 0) as firms_due,
    coalesce(r.received, 0) as firms_received,
    coalesce(r.reported, 0) as firms_reported,
    s.compared as firms_compared,
    s.growing as firms_growing,
    s.lacking as firms_without_base,
    coalesce(six(w.counted, w.due), six(r.due_reported, r.due)) as reported_value_share,
    coalesce(reported_value_share >= (select complete_share_min from settings), true) as is_complete
from sums s
join sums d on d.form = s.form and d.period = s.period and d.item = s.item and d.scope_kind = 'district'
left join responses r
    on r.form = s.form and r.period = s.period and r.scope_kind = s.scope_kind and r.scope_id = s.scope_id
left join weights w
    on w.form = s.form and w.period = s.period and w.scope_kind = s.scope_kind and w.scope_id = s.scope_id and w.item = s.item
where s.form = 'B204-1' and s.scope_kind <> 'firm' and s.item in ('output', 'sales', 'exports');

create table my_headline as
select
    o.period,
    o.ytd_cny as output_ytd_cny, o.yoy_month, o.yoy_ytd,
    o.comparable_ytd_cny as output_comparable_ytd_cny, o.prior_ytd_cny as output_prior_ytd_cny,
    s.yoy_ytd as sales_yoy_ytd, e.yoy_ytd as exports_yoy_ytd,
    six(o.firms_received, o.firms_due) as response_rate,
    six(o.firms_reported, o.firms_due) as accepted_rate,
    six(o.firms_growing, o.firms_compared) as growth_breadth,
    six(b.sales, b.output) as sales_ratio_ytd,
    o.reported_value_share, o.is_complete
from my_totals o
left join my_totals s on s.period = o.period and s.scope_kind = 'district' and s.item = 'sales'
left join my_totals e on e.period = o.period and e.scope_kind = 'district' and e.item = 'exports'
left join (
    select period, sum(o.y) as output, sum(s.y) as sales
    from basis o join basis s using (form, period, credit_code)
    where form = 'B204-1' and o.item = 'output' and s.item = 'sales' and o.y is not null and s.y is not null
    group by period
) b on b.period = o.period
where o.scope_kind = 'district' and o.item = 'output';

create table my_firm_months as
select
    f.period, f.credit_code, coalesce(nullif(r.zone, ''), 'none') as zone, coalesce(nullif(r.chain, ''), 'none') as chain,
    cast(r.size_class as int) as size_class, r.is_leading, f.is_counted as is_reported,
    o.m as output_month_cny, o.y as output_ytd_cny, o.py as output_prior_ytd_cny,
    six(o.cy - o.py, o.py) as yoy_ytd,
    six((o.cy - o.py) * 100, d.py) as contribution_points,
    l.y as supply_ytd_cny, x.y as outside_supply_ytd_cny
from standing f
join roster r on r.credit_code = f.credit_code and f.period between r.first and r.last
left join reports o
    on o.form = f.form and o.period = f.period and o.credit_code = f.credit_code and o.item = 'output'
left join sums d on d.form = o.form and d.period = o.period and d.item = 'output' and d.scope_kind = 'district'
left join reports l on l.period = f.period and l.credit_code = f.credit_code and l.item = 'supply'
left join reports x on x.period = f.period and x.credit_code = f.credit_code and x.item = 'outside_supply'
where f.form = 'B204-1';

create table my_targets as
select s.period, t.target_id, t.kind, s.y as ytd_cny, s.py as prior_ytd_cny, cast(t.level_cny as decimal(30, 2)) as level
from targets t
join sums s
    on s.form = t.form and s.scope_kind = t.scope_kind and s.scope_id = t.scope_id
    and s.item = split_part(t.item, '/', 1) and year(s.period) = cast(t.year as int)
where t.kind <> 'count';

create table my_levels as
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

-- what became of each report owed, the bureau's ledgers among them: the one that counts, else the newest; late once the deadline has passed
create table my_status as
with
of_bureau as (
    select s.form, s.period, b.credit_code, cast(c.deadline as timestamptz) as deadline
    from span s
    join bureau b using (form)
    left join calendar c on c.form = s.form and month_of(c.period) = s.period
),
shown as (
    select
        o.form, o.period, o.credit_code, deadline,
        arg_max(s.state, (s.is_current, s.received_at, s.revision)) as state,
        min(s.received_at) as first_received_at
    from (select form, period, credit_code, deadline from owed union all from of_bureau) o
    left join submissions s using (form, period, credit_code)
    group by all
)
select
    period, form, count(*) as due,
    count(*) filter (state is null) as missing,
    count(*) filter (state = 'accepted') as accepted,
    count(*) filter (state in ('queried', 'refused')) as held,
    count(*) filter (coalesce(first_received_at, (select as_of from settings)) > deadline) as late
from shown
group by all;

-- what analysts ask: months that sum, months beside each other of the same firms, products
create table my_months as
with
before as (select * replace (cast(period + interval 1 month as date) as period) from my_totals),
pairs as (
    select n.form, n.period, n.credit_code, n.spell, n.item, n.division, n.m, b.m as bm
    from reports n join reports b
        on b.form = n.form and b.credit_code = n.credit_code and b.item = n.item and b.division = n.division
        and b.period = n.period - interval 1 month
    where n.form = 'B204-1' and n.m is not null and b.m is not null
),
same as (
    select m.scope_kind, m.scope_id, p.period, p.item, sum(p.m) as m, sum(bm) as bm
    from pairs p join members m on m.credit_code = p.credit_code and m.first = p.spell
    where p.division = ''
    group by all
    union all
    select item, division, period, 'output', sum(m), sum(bm) from pairs where division <> '' group by all
)
select
    t.period, t.scope_kind, t.scope_id, t.item,
    case
        when month(t.period) in (1, 2) then t.ytd_cny
        when d.period is not null then t.ytd_cny - coalesce(b.ytd_cny, 0)
    end as current_cny,
    cast(same.m as decimal(24, 2)) as same_firms_month_cny,
    cast(same.bm as decimal(24, 2)) as same_firms_previous_cny,
    six(same.m - same.bm, same.bm) as month_on_month,
    cast((
        select count(*) from my_totals f
        where f.scope_kind = t.scope_kind and f.scope_id = t.scope_id and f.item = t.item and f.period <= t.period
            and f.period > coalesce((
                select max(r.period) from my_totals r
                where r.scope_kind = t.scope_kind and r.scope_id = t.scope_id and r.item = t.item
                    and r.period <= t.period
                    and not coalesce(case month(r.period) when 2 then r.yoy_ytd else r.yoy_month end < 0, false)
            ), date '1000-01-01')
    ) as int) as months_falling_in_row
from my_totals t
left join before b using (period, scope_kind, scope_id, item)
left join before d on d.period = t.period and d.item = t.item and d.scope_kind = 'district'
left join same using (period, scope_kind, scope_id, item);

create table my_products as
select
    o.period, split_part(o.item, ':', 2) as product, o.unit,
    sum(value) filter (measure = 'ytd') as ytd_quantity,
    sum(value) filter (measure = 'month') as month_quantity,
    cast(count(distinct o.credit_code) as int) as firms
from observations o
join submissions s on s.submission_id = o.submission_id and s.form = o.form and s.period = o.period
    and s.credit_code = o.credit_code and s.is_current
join roster r on r.credit_code = o.credit_code and o.period between r.first and r.last
where o.item like 'product:%'
group by all;

-- who holds what on the last day of a month, each firm once a kind; and any of it
create table my_qualifications as
select cast(p.period as date) as period, kind, cast(count(distinct credit_code) as int) as firms
from (select distinct period from sums) p
join qualifications q
    on cast(awarded_on as date) <= last_day(p.period) and coalesce(cast(expires_on as date) >= last_day(p.period), true)
group by all;

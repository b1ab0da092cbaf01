-- mart: service_kpis
-- purpose: How requests of firms are dealt with, month by month and by level, and who visits firms | 诉求办理分月分层级指标和领导走访
-- grain: period, level
-- inputs: service_requests, int_ledger_months, int_ledger_rows, records, leaders
-- columns:
--   period | month | Month, its first day | 报告期
--   level | code | district, higher, or all of them | 层级
--   raised_ytd | count | Requests raised from January to the month's last day | 累计受理
--   closed_ytd | count | Of raised_ytd, those closed by then | 其中：已办结
--   closing_rate | fraction | closed_ytd over raised_ytd | 办结率
--   due_ytd | count | Requests due from January to the month's last day | 累计到期
--   closed_on_time_ytd | count | Of due_ytd, those closed on or before the day due | 其中：按时办结
--   on_time_rate | fraction | closed_on_time_ytd over due_ytd | 按时办结率
--   open_overdue | count | Requests due by the month's last day and not closed by then, whenever raised | 超期未办结
--   satisfied_rate | fraction | satisfied_ytd over rated_ytd | 满意率
--   raised_total | count | Requests raised since the ledger began | 历年受理
--   closed_total | count | Of raised_total, those closed by the month's last day | 历年办结
--   leaders_due | count | Leaders who were to visit firms in the month (leaders.csv); level all only | 应走访领导数
--   leaders_visiting | count | Of leaders_due, those with at least one visit in the month; level all only | 已走访领导数
--   visits | count | Visits in the month, whoever made them; level all only | 走访次数
--   rated_ytd | count | Of closed_ytd, those of which the firm says how satisfied it is | 已评价
--   satisfied_ytd | count | Of rated_ytd, those that are 满意 or 基本满意 | 其中：满意和基本满意
--   visiting_rate | fraction | leaders_visiting over leaders_due; level all only | 领导走访率
--   level_zh | text | level in Chinese | 层级中文
-- not_null: raised_ytd, closed_ytd, due_ytd, closed_on_time_ytd, open_overdue, raised_total, closed_total, rated_ytd, satisfied_ytd, level_zh
-- accepted level: district, higher, all
-- reconcile levels_add_up:
--   select period from this group by period
--   having sum(case when level = 'all' then raised_total + closed_total + open_overdue else 0 end)
--     <> sum(case when level = 'all' then 0 else raised_total + closed_total + open_overdue end)
-- rules: By the days of everything filed so far: a closing that is filed late moves older months.
--   Withdrawn requests are in no figure. Visits are those of LY-05, each day, leader and firm once.
with
months as (
    select distinct
        period,
        last_day,
        make_date(cast(extract(year from period) as int), 1, 1) as first_day
    from int_ledger_months
    where form in ('LY-03', 'LY-05')
),
levels as (
    select 'district' as level, '区级' as level_zh
    union all
    select 'higher', '上级'
    union all
    select 'all', '合计'
),
requests as (
    select * from service_requests where result is distinct from 'withdrawn'
),
told as (
    select
        m.period,
        l.level,
        l.level_zh,
        r.raised_on <= m.last_day as is_raised,
        r.raised_on between m.first_day and m.last_day as is_raised_ytd,
        coalesce(r.closed_on <= m.last_day, false) as is_closed,
        r.due_on <= m.last_day as is_due,
        r.due_on between m.first_day and m.last_day as is_due_ytd,
        coalesce(r.is_on_time, false) as is_on_time,
        r.satisfaction
    from months as m
    cross join levels as l
    left join requests as r on l.level in ('all', r.level)
),
counted as (
    select
        period,
        level,
        level_zh,
        count(case when is_raised_ytd then 1 end) as raised_ytd,
        count(case when is_raised_ytd and is_closed then 1 end) as closed_ytd,
        count(case when is_due_ytd then 1 end) as due_ytd,
        count(case when is_due_ytd and is_on_time then 1 end) as closed_on_time_ytd,
        count(case when is_due and not is_closed then 1 end) as open_overdue,
        count(case when is_raised_ytd and is_closed and satisfaction is not null then 1 end)
            as rated_ytd,
        count(
            case
                when is_raised_ytd and is_closed and satisfaction in ('satisfied', 'fairly_satisfied')
                    then 1
            end
        ) as satisfied_ytd,
        count(case when is_raised then 1 end) as raised_total,
        count(case when is_raised and is_closed then 1 end) as closed_total
    from told
    group by period, level, level_zh
),
made as (
    select
        r.record_key,
        max(case when r.column_name = 'visited_on' then r.value_date end) as visited_on,
        max(case when r.column_name = 'leader' then r.value_text end) as leader
    from records as r
    join int_ledger_rows as k
        on k.submission_id = r.submission_id and k.form = r.form and k.period = r.period
        and k.record_key = r.record_key
    where r.form = 'LY-05' and k.replaced_in is null
    group by r.record_key
),
visits as (
    select *, cast(date_trunc('month', visited_on) as date) as period
    from made
),
visits_of_months as (
    select period, count(*) as visits
    from visits
    group by period
),
leaders_of_months as (
    select
        m.period,
        count(distinct l.leader) as leaders_due,
        count(distinct case when v.leader is not null then l.leader end) as leaders_visiting
    from months as m
    join leaders as l on l."from" <= m.period and (l."to" is null or m.period <= l."to")
    left join visits as v on v.period = m.period and v.leader in (l.leader, l.name)
    group by m.period
)
select
    c.period,
    c.level,
    raised_ytd,
    closed_ytd,
    ratio(closed_ytd, raised_ytd) as closing_rate,
    due_ytd,
    closed_on_time_ytd,
    ratio(closed_on_time_ytd, due_ytd) as on_time_rate,
    open_overdue,
    ratio(satisfied_ytd, rated_ytd) as satisfied_rate,
    raised_total,
    closed_total,
    case when c.level = 'all' then coalesce(l.leaders_due, 0) end as leaders_due,
    case when c.level = 'all' then coalesce(l.leaders_visiting, 0) end as leaders_visiting,
    case when c.level = 'all' then coalesce(v.visits, 0) end as visits,
    rated_ytd,
    satisfied_ytd,
    case when c.level = 'all' then ratio(l.leaders_visiting, l.leaders_due) end as visiting_rate,
    level_zh
from counted as c
left join leaders_of_months as l on l.period = c.period
left join visits_of_months as v on v.period = c.period

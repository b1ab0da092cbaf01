-- mart: qualifications
-- purpose: Valid qualifications by kind at the end of each filed month | 各月末有效资质数，按类别
-- grain: period, kind
-- inputs: qualifications, int_counted
-- columns:
--   period | month | Filed month, its first day | 报告期
--   kind | code | Kind of qualification | 资质类别
--   firms_valid | count | Firms that hold it on the last day of the month | 有效企业数
--   awarded_ytd | count | Awarded since January | 本年新认定数
--   expired_ytd | count | Expired since January | 本年到期数
--   firms | count | The same as firms_valid | 企业数
-- not_null: firms, firms_valid, awarded_ytd, expired_ytd
-- rules: `qualifications` here is the seed. A qualification is valid from the day of its award to the day
--   of its expiry, both included.
--   | 此处 qualifications 指基础表。资质自授予日至到期日有效，首尾均含。
with
months as (
    select distinct
        period,
        period + interval '1 month' as next_month,
        date_trunc('year', period) as year_start
    from int_counted
),
counted as (
    select
        m.period,
        q.kind,
        count(
            distinct case
                when q.awarded_on < m.next_month
                    and (q.expires_on is null or q.expires_on + interval '1 day' >= m.next_month)
                then q.credit_code
            end
        ) as firms_valid,
        count(case when q.awarded_on >= m.year_start and q.awarded_on < m.next_month then 1 end)
            as awarded_ytd,
        count(
            case
                when q.expires_on >= m.year_start and q.expires_on + interval '1 day' < m.next_month
                then 1
            end
        ) as expired_ytd
    from months as m
    cross join qualifications as q
    group by m.period, q.kind
)
select *, firms_valid as firms
from counted

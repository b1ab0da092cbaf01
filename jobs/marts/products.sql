-- mart: products
-- purpose: Quantities of main products, month by month, as B204-1 has them | 主要产品产量，分月
-- grain: period, product, unit
-- inputs: observations, submissions, firms
-- looks_ahead: no
-- columns:
--   period | month | Month reported, its first day | 报告期
--   product | code | Code of the product catalogue | 产品代码
--   unit | text | Unit of the quantities, as typed; another unit is another row | 计量单位
--   month_quantity | quantity | This year, the month; null in February | 本年本月产量
--   ytd_quantity | quantity | This year, January to the month | 本年1-本月产量
--   prior_month_quantity | quantity | The year before, the month | 上年同期本月产量
--   prior_ytd_quantity | quantity | The year before, January to the month, of the firms in comparable_ytd_quantity | 上年同期1-本月产量
--   comparable_ytd_quantity | quantity | Of ytd_quantity, what has last year's figure against it | 可比口径1-本月产量
--   yoy_ytd | fraction | comparable_ytd_quantity over prior_ytd_quantity, less 1 | 累计同比增速
--   firms | count | Firms that report it | 企业数
-- not_null: firms
-- reconcile every_counted_quantity_is_there:
--   with
--   cells as (
--     select o.period, substr(o.item, 9) as product, o.unit, sum(o.value) as quantity
--     from observations as o
--     join submissions as s on s.submission_id = o.submission_id and s.form = o.form
--       and s.period = o.period and s.credit_code = o.credit_code
--     join firms as f on f.credit_code = o.credit_code
--     where s.is_current and o.item like 'product:%' and o.measure = 'ytd'
--       and o.period >= f.roster_from and o.period <= coalesce(f.roster_to, o.period)
--     group by 1, 2, 3
--   )
--   select c.period, c.product, c.unit, c.quantity, t.ytd_quantity
--   from cells as c
--   left join this as t on t.period = c.period and t.product = c.product and t.unit = c.unit
--   where t.ytd_quantity is distinct from c.quantity
-- rules: Quantities are never turned into money nor one unit into another. A firm counts in the months of
--   its spells on the roster. Growth stands on rows that have both years.
--   | 产量不折算为金额，也不换算单位。企业在名录的月份才计入。增速只用两年数据齐全的行。
with
rows_of_firms as (
    select
        o.period,
        substr(o.item, 9) as product,
        o.unit,
        o.credit_code,
        max(case o.measure when 'month' then o.value end) as month_quantity,
        max(case o.measure when 'ytd' then o.value end) as ytd_quantity,
        max(case o.measure when 'prior_month' then o.value end) as prior_month_quantity,
        max(case o.measure when 'prior_ytd' then o.value end) as prior_ytd_quantity
    from observations as o
    join submissions as s
        on s.submission_id = o.submission_id
        and s.form = o.form
        and s.period = o.period
        and s.credit_code = o.credit_code
    join firms as f
        on f.credit_code = o.credit_code
        and f.roster_from <= o.period
        and (f.roster_to is null or o.period <= f.roster_to)
    where s.is_current and o.item like 'product:%'
    group by 1, 2, 3, 4
),
sums as (
    select
        period,
        product,
        unit,
        sum(month_quantity) as month_quantity,
        sum(ytd_quantity) as ytd_quantity,
        sum(case when month_quantity is not null then prior_month_quantity end) as prior_month_quantity,
        sum(case when ytd_quantity is not null then prior_ytd_quantity end) as prior_ytd_quantity,
        sum(case when prior_ytd_quantity is not null then ytd_quantity end) as comparable_ytd_quantity,
        count(*) as firms
    from rows_of_firms
    group by 1, 2, 3
)
select
    period,
    product,
    unit,
    month_quantity,
    ytd_quantity,
    prior_month_quantity,
    prior_ytd_quantity,
    comparable_ytd_quantity,
    growth(comparable_ytd_quantity, prior_ytd_quantity) as yoy_ytd,
    firms
from sums

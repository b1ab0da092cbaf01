-- mart: int_basis
-- purpose: What enters the sums, this year's figures beside last year's of the same firms, one row a firm and item
-- grain: form, period, credit_code, item, division
-- inputs: int_counted, firms
-- columns:
--   form | code | Form number | 表号
--   period | month | Month reported, its first day | 报告期
--   credit_code | code | Unified social credit code | 统一社会信用代码
--   item | code | Item without the code of an open group: output, supply, industry | 指标
--   division | code | GB/T 4754 division of an industry row, two digits; empty for other items | 行业大类
--   is_reported | flag | Whether the firm reported; false for the kept base of one that left | 是否报送
--   month_cny | CNY | This year, the month; null in February | 本年本月
--   ytd_cny | CNY | This year, January to the month | 本年1-本月
--   prior_month_cny | CNY | The year before, the month; null in February | 上年同期本月
--   prior_ytd_cny | CNY | The year before, January to the month | 上年同期1-本月
-- not_null: is_reported
-- reconcile dropped_firms_stay_out:
--   select this.period, this.credit_code
--   from this
--   join firms on firms.credit_code = this.credit_code
--   where firms.base_rule = 'drop' and this.period > firms.roster_to
-- rules: Growth compares the figures of one and the same set of reports; last year's published totals play
--   no part. A firm on the roster that did not report is on neither side.
--   A firm that left the roster earlier in the year and whose base_rule is `keep` (留基数) stays on both
--   sides for the rest of that year: this year with its last year-to-date figure (month 0), last year with
--   what it reported for that month then or, when that report is missing, with the prior-year column of its
--   last report. One that was due this year but never reported was on neither side before it left and stays
--   off both. A firm whose base_rule is `drop` is on neither side after it left.
with
figures as (
    select
        form,
        period,
        credit_code,
        split_part(item, ':', 1) as item,
        case when item like 'industry:%' then substr(split_part(item, ':', 2), 1, 2) else '' end
            as division,
        sum(month_cny) as month_cny,
        sum(ytd_cny) as ytd_cny,
        sum(prior_month_cny) as prior_month_cny,
        sum(prior_ytd_cny) as prior_ytd_cny
    from int_counted
    group by 1, 2, 3, 4, 5
),
reports as (
    select distinct form, period, credit_code
    from int_counted
),
filed as (
    select distinct form, period
    from int_counted
),
-- every filed month between a firm's leaving and the end of that year
left_months as (
    select filed.form, filed.period, firms.credit_code, firms.roster_to
    from filed
    join firms
        on extract(year from filed.period) = extract(year from firms.roster_to)
        and filed.period > firms.roster_to
    where firms.base_rule = 'keep'
),
last_reports as (
    select left_months.form, left_months.period, left_months.credit_code, max(reports.period) as last_period
    from left_months
    join reports
        on reports.form = left_months.form
        and reports.credit_code = left_months.credit_code
        and extract(year from reports.period) = extract(year from left_months.period)
        and reports.period <= left_months.roster_to
    group by left_months.form, left_months.period, left_months.credit_code
),
kept_months as (
    select
        l.form,
        l.period,
        l.credit_code,
        r.last_period,
        y.period as year_ago
    from left_months as l
    left join last_reports as r
        on r.form = l.form and r.period = l.period and r.credit_code = l.credit_code
    left join reports as y
        on y.form = l.form
        and y.credit_code = l.credit_code
        and y.period = l.period - interval '12 months'
    -- who left in January had nothing to report before
    where r.last_period is not null or extract(month from l.roster_to) = 1
),
kept_sides as (
    select
        k.form,
        k.period,
        k.credit_code,
        f.item,
        f.division,
        f.ytd_cny,
        cast(null as decimal(20, 2)) as prior_month_cny,
        case when k.year_ago is null then f.prior_ytd_cny end as prior_ytd_cny
    from kept_months as k
    join figures as f
        on f.form = k.form and f.credit_code = k.credit_code and f.period = k.last_period
    union all
    select
        k.form,
        k.period,
        k.credit_code,
        f.item,
        f.division,
        cast(null as decimal(20, 2)) as ytd_cny,
        f.month_cny as prior_month_cny,
        f.ytd_cny as prior_ytd_cny
    from kept_months as k
    join figures as f
        on f.form = k.form and f.credit_code = k.credit_code and f.period = k.year_ago
),
kept as (
    select
        form,
        period,
        credit_code,
        item,
        division,
        case when extract(month from period) <> 2 then 0 end as month_cny,
        coalesce(sum(ytd_cny), 0) as ytd_cny,
        sum(prior_month_cny) as prior_month_cny,
        coalesce(sum(prior_ytd_cny), 0) as prior_ytd_cny
    from kept_sides
    group by form, period, credit_code, item, division
)
select
    form, period, credit_code, item, division,
    true as is_reported,
    month_cny, ytd_cny, prior_month_cny, prior_ytd_cny
from figures
union all
select
    form, period, credit_code, item, division,
    false as is_reported,
    month_cny, ytd_cny, prior_month_cny, prior_ytd_cny
from kept

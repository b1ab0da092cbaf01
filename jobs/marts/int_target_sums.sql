-- mart: int_target_sums
-- purpose: What each target is measured by: its firms' figures, and last year's of one and the same firms
-- grain: target_id, period
-- inputs: targets, int_basis, int_scopes, int_full_years, thresholds
-- looks_ahead: no
-- columns:
--   target_id | code | Key of targets.csv | 目标编号
--   period | month | A month of the target's year, or December of its baseline year | 报告期
--   ytd_cny | CNY | The item, January to the month | 本年累计
--   lower_ytd_cny | CNY | For a ratio: the denominator, of the same firms | 分母本年累计
--   comparable_ytd_cny | CNY | Of ytd_cny, the firms on the comparable basis | 可比口径本年累计
--   prior_ytd_cny | CNY | The same firms last year to date | 上年同期累计
--   lower_comparable_cny | CNY | For a ratio: the denominator, of the same firms | 分母可比口径累计
--   lower_prior_cny | CNY | For a ratio: the same last year | 分母上年同期累计
--   prior_year_cny | CNY | The same firms' full last year, scaled where some have none; null when thin | 上年全年
--   lower_prior_year_cny | CNY | For a ratio: the denominator's | 分母上年全年
--   base_coverage | fraction | Part of prior_ytd_cny whose full year is known; the lesser of a ratio's two | 基数覆盖率
-- rules: A firm is on the comparable basis when it has this year's and last year's figure, for a ratio those
--   of both items. The full year is thin when less of last year to date has one than
--   base_share_min of the settings (90 %).
with
goals as (
    select
        target_id, year, form, scope_kind, scope_id, kind,
        coalesce(baseline_year, year - 1) as base_year,
        split_part(item, '/', 1) as upper_item,
        split_part(item, '/', 2) as lower_item
    from targets
),
years as (
    select
        b.form, b.period, b.credit_code, b.item, b.division, b.spell_from,
        b.ytd_cny, b.comparable_ytd_cny, b.prior_ytd_cny, f.full_year_cny
    from int_basis as b
    left join int_full_years as f
        on f.form = b.form and f.period = b.period and f.credit_code = b.credit_code
        and f.item = b.item and f.division = b.division
),
scoped as (
    select s.scope_kind, s.scope_id, y.*
    from years as y
    join int_scopes as s on s.credit_code = y.credit_code and s.spell_from = y.spell_from
    where y.division = '' and s.scope_kind not like 'industry%'
    union all
    select
        item as scope_kind, division as scope_id,
        form, period, credit_code, 'output' as item, division, spell_from,
        ytd_cny, comparable_ytd_cny, prior_ytd_cny, full_year_cny
    from years
    where division <> ''
),
-- a firm's figures side by side: of a ratio the numerator (u) and the denominator (l)
firms as (
    select
        g.target_id,
        g.kind = 'ratio' as is_ratio,
        s.period,
        s.credit_code,
        sum(case when s.item = g.upper_item then s.ytd_cny end) as u_ytd,
        sum(case when s.item = g.upper_item then s.comparable_ytd_cny end) as u_comparable,
        sum(case when s.item = g.upper_item then s.prior_ytd_cny end) as u_prior,
        sum(case when s.item = g.upper_item then s.full_year_cny end) as u_year,
        sum(case when s.item = g.lower_item then s.ytd_cny end) as l_ytd,
        sum(case when s.item = g.lower_item then s.comparable_ytd_cny end) as l_comparable,
        sum(case when s.item = g.lower_item then s.prior_ytd_cny end) as l_prior,
        sum(case when s.item = g.lower_item then s.full_year_cny end) as l_year
    from goals as g
    join scoped as s
        on s.form = g.form and s.scope_kind = g.scope_kind and s.scope_id = g.scope_id
        and s.item in (g.upper_item, g.lower_item)
        and (extract(year from s.period) = g.year
            or (extract(year from s.period) = g.base_year and extract(month from s.period) = 12))
    group by g.target_id, g.kind, s.period, s.credit_code
),
judged as (
    select
        *,
        u_ytd is not null and (not is_ratio or l_ytd is not null) as is_measured,
        u_prior is not null and (not is_ratio or l_prior is not null) as is_compared,
        u_year is not null and (not is_ratio or l_year is not null) as is_known
    from firms
),
sums as (
    select
        target_id,
        period,
        sum(case when is_measured then u_ytd end) as ytd_cny,
        sum(case when is_measured then l_ytd end) as lower_ytd_cny,
        sum(case when is_compared then u_comparable end) as comparable_ytd_cny,
        sum(case when is_compared then u_prior end) as prior_ytd_cny,
        sum(case when is_compared then l_comparable end) as lower_comparable_cny,
        sum(case when is_compared then l_prior end) as lower_prior_cny,
        sum(case when is_compared and is_known then u_prior end) as u_known,
        sum(case when is_compared and is_known then u_year end) as u_year,
        sum(case when is_compared and not is_known then abs(u_prior) end) as u_unknown,
        sum(case when is_compared and is_known then l_prior end) as l_known,
        sum(case when is_compared and is_known then l_year end) as l_year,
        sum(case when is_compared and not is_known then abs(l_prior) end) as l_unknown
    from judged
    group by target_id, period
),
-- who was at zero last year weighs nothing, whether its full year is known or not
covered as (
    select
        *,
        case
            when u_known is not null and coalesce(u_unknown, 0) = 0 then 1
            else ratio(coalesce(u_known, 0), prior_ytd_cny)
        end as u_coverage,
        case
            when lower_prior_cny is null or (l_known is not null and coalesce(l_unknown, 0) = 0) then 1
            else ratio(coalesce(l_known, 0), lower_prior_cny)
        end as l_coverage
    from sums
    cross join thresholds
)
select
    target_id,
    period,
    ytd_cny,
    lower_ytd_cny,
    comparable_ytd_cny,
    prior_ytd_cny,
    lower_comparable_cny,
    lower_prior_cny,
    case
        when u_coverage >= base_share_min and l_coverage >= base_share_min
        then coalesce(cast(u_year as decimal(60, 10)) * prior_ytd_cny / nullif(u_known, 0), u_year)
    end as prior_year_cny,
    case
        when u_coverage >= base_share_min and l_coverage >= base_share_min
        then coalesce(cast(l_year as decimal(60, 10)) * lower_prior_cny / nullif(l_known, 0), l_year)
    end as lower_prior_year_cny,
    case
        when u_coverage <= l_coverage then u_coverage
        when l_coverage < u_coverage then l_coverage
    end as base_coverage
from covered

-- mart: target_progress
-- purpose: How far each target is reached, month by month of its year, and whether it will be
-- grain: period, target_id
-- inputs: targets, int_scope_totals
-- columns:
--   period | month | Month reported, its first day | 报告期
--   target_id | code | Key of targets.csv | 目标编号
--   name | text | Name of the target in Chinese | 目标名称
--   kind | code | level, growth, level_and_growth or ratio | 目标类型
--   target_cny | CNY | What the year to date must reach by December; null before the baseline is known | 目标值
--   baseline_cny | CNY | The item's full year in the baseline year | 基期全年
--   ytd_cny | CNY | The item, January to the month | 本年累计
--   attained_share | fraction | Year to date over target | 完成比例
--   time_progress | fraction | Months gone by over twelve | 序时进度
--   seasonal_progress | fraction | Last year to date over last year's full year | 季节进度
--   gap_cny | CNY | What is still to come; 0 when reached | 缺口
--   required_month_cny | CNY | Needed on average in each month left; null in December and for ratios | 剩余月均需完成
--   required_growth | fraction | Growth the months left need over last year's; null in December and for ratios | 剩余月份需增速
--   yoy_ytd | fraction | Growth of the year to date; for a ratio its change over last year | 累计同比
--   growth_target | fraction | Growth asked for; for a ratio the change asked for | 增速目标
--   status | code | met, ahead, on_track, behind or missed; null when figures are missing | 状态
--   name_en | text | Name of the target in English | 目标英文名称
--   year | number | The year of the target | 目标年度
--   scope_kind | code | district, zone, chain, industry, size, leading or firm | 口径类别
--   scope_id | code | Key of the scope within its kind | 口径代码
--   item | code | The item, or numerator/denominator | 指标
--   prior_ytd_cny | CNY | The item last year to date, same firms | 上年同期累计
--   prior_year_cny | CNY | The item's full year before | 上年全年
--   ratio_ytd | fraction | For a ratio: numerator over denominator, year to date | 累计比率
--   baseline_ratio | fraction | For a ratio: the same in the full baseline year | 基期比率
--   growth_so_far | fraction | What stands beside growth_target: growth over the baseline, or a ratio's change; null till December when the baseline is not the year before | 对基期增速
-- not_null: name, kind, time_progress
-- accepted kind: level, growth, level_and_growth, ratio
-- accepted status: met, ahead, on_track, behind, missed
-- reconcile gap_and_attainment_agree:
--   select period, target_id, gap_cny, attained_share from this
--   where attained_share is not null and (gap_cny = 0) <> (ytd_cny >= target_cny)
-- reconcile december_decides:
--   select period, target_id, status from this
--   where extract(month from period) = 12 and status not in ('met', 'missed')
-- reconcile december_says_what_the_figures_say:
--   select period, target_id, status, gap_cny from this
--   where extract(month from period) = 12 and gap_cny is not null and (status = 'met') <> (gap_cny = 0)
-- rules: baseline_cny is that of the seed, else the baseline year's full year in the lake (the year before,
--   unless the seed names another). Growth and ratios over the year before compare one and the same set of
--   forms; December's prior-year columns are that set's full year, so that in December they are the
--   baseline (for a ratio, of the baseline ratio) and come before the lake. Till then the lake stands in.
--   target_cny is the level; the baseline times 1 + growth; the greater of both for level_and_growth; and
--   for a ratio the denominator times (baseline ratio + growth). In December every target whose target_cny
--   is known is met when the year to date reaches it and missed when not.
--   Before, status of level and level_and_growth: met once the year to date reaches the target; else
--   attained share against seasonal progress (time progress when that is unknown): at least 0.02 above is
--   ahead, more than 0.02 below behind, else on_track. Status of growth over the year before: yoy_ytd at
--   least 0.005 above the growth asked for is ahead, more than 0.005 below it behind. Growth over an earlier
--   year, or over a baseline that the seed states, is judged as a level. Ratio: as growth, with 0.001
--   instead of 0.005, on the change over last year, or over the baseline ratio when the baseline is an
--   earlier year.
--   Targets of kind count wait for the ledger forms and have no rows.
with
goals as (
    select
        *,
        coalesce(baseline_year, year - 1) as base_year,
        split_part(item, '/', 1) as upper_item,
        split_part(item, '/', 2) as lower_item,
        case kind when 'ratio' then 0.001 else 0.005 end as band,
        -- growth over the same forms' year before, not over a stated level
        kind <> 'level' and coalesce(baseline_year, year - 1) = year - 1 and baseline_cny is null
            as is_comparable
    from targets
    where kind <> 'count'
),
figures as (
    select
        form,
        period,
        scope_kind,
        scope_id,
        item,
        cast(extract(year from period) as int) as year,
        cast(extract(month from period) as int) as month,
        ytd_cny,
        prior_ytd_cny
    from int_scope_totals
),
filed as (
    select distinct form, period, year, month
    from figures
),
full_years as (
    select form, scope_kind, scope_id, item, year, ytd_cny
    from figures
    where month = 12
),
found as (
    select
        g.*,
        filed.period,
        filed.month,
        n.ytd_cny,
        n.prior_ytd_cny,
        d.ytd_cny as lower_cny,
        d.prior_ytd_cny as lower_prior_cny,
        b.ytd_cny as base_cny,
        case
            when bd.ytd_cny > 0
            then cast(b.ytd_cny as decimal(38, 6)) / nullif(bd.ytd_cny, 0)
        end as lake_ratio,
        p.ytd_cny as prior_full_cny
    from goals as g
    join filed on filed.form = g.form and filed.year = g.year
    left join figures as n
        on n.form = g.form and n.period = filed.period
        and n.scope_kind = g.scope_kind and n.scope_id = g.scope_id and n.item = g.upper_item
    left join figures as d
        on d.form = g.form and d.period = filed.period
        and d.scope_kind = g.scope_kind and d.scope_id = g.scope_id and d.item = g.lower_item
    left join full_years as b
        on b.form = g.form and b.year = g.base_year
        and b.scope_kind = g.scope_kind and b.scope_id = g.scope_id and b.item = g.upper_item
    left join full_years as bd
        on bd.form = g.form and bd.year = g.base_year
        and bd.scope_kind = g.scope_kind and bd.scope_id = g.scope_id and bd.item = g.lower_item
    left join full_years as p
        on p.form = g.form and p.year = g.year - 1
        and p.scope_kind = g.scope_kind and p.scope_id = g.scope_id and p.item = g.upper_item
),
-- December's prior-year column is last year's full year of the same forms, also when the lake does not
-- reach back that far
based as (
    select
        *,
        coalesce(
            baseline_cny,
            case when month = 12 and is_comparable then prior_ytd_cny end,
            base_cny,
            case when month = 12 and base_year = year - 1 then prior_ytd_cny end
        ) as known_base_cny,
        coalesce(
            case when month = 12 then prior_ytd_cny end,
            prior_full_cny,
            case when base_year = year - 1 then baseline_cny end
        ) as known_prior_cny,
        case
            when lower_cny > 0
            then cast(ytd_cny as decimal(38, 6)) / nullif(lower_cny, 0)
        end as ratio_ytd,
        case
            when lower_prior_cny > 0
            then cast(prior_ytd_cny as decimal(38, 6)) / nullif(lower_prior_cny, 0)
        end as ratio_prior
    from found
),
compared as (
    select
        *,
        coalesce(case when month = 12 and is_comparable then ratio_prior end, lake_ratio)
            as baseline_ratio
    from based
),
aimed as (
    select
        *,
        cast(
            case kind
                when 'level' then level_cny
                when 'growth' then known_base_cny * (1 + growth)
                when 'ratio' then lower_cny * (baseline_ratio + coalesce(growth, 0))
                when 'level_and_growth'
                then case
                    when known_base_cny * (1 + growth) > level_cny then known_base_cny * (1 + growth)
                    else level_cny
                end
            end as decimal(20, 2)
        ) as aim_cny,
        cast(month as decimal(38, 6)) / 12 as time_progress,
        case
            when kind <> 'ratio' and known_prior_cny > 0
            then cast(prior_ytd_cny as decimal(38, 6)) / nullif(known_prior_cny, 0)
        end as seasonal_progress,
        case
            when kind = 'ratio' then ratio_ytd - ratio_prior
            when prior_ytd_cny > 0
            then cast(ytd_cny as decimal(38, 6)) / nullif(prior_ytd_cny, 0) - 1
        end as yoy_ytd
    from compared
),
measured as (
    select
        *,
        case
            when aim_cny > 0 then cast(ytd_cny as decimal(38, 6)) / nullif(aim_cny, 0)
        end as attained_share,
        case when ytd_cny >= aim_cny then 0 else aim_cny - ytd_cny end as gap_cny,
        -- what is judged as a growth rate: the growth, or how far the ratio moved
        case
            when is_comparable and kind <> 'level_and_growth' then yoy_ytd
            when kind = 'ratio' then ratio_ytd - baseline_ratio
        end as rate,
        case
            when kind = 'ratio' then null
            when is_comparable then yoy_ytd
            when month = 12 and known_base_cny > 0
            then cast(ytd_cny as decimal(38, 6)) / nullif(known_base_cny, 0) - 1
        end as growth_over_base,
        kind = 'ratio' or (kind = 'growth' and is_comparable) as is_rate
    from aimed
)
select
    period,
    target_id,
    name_zh as name,
    kind,
    aim_cny as target_cny,
    known_base_cny as baseline_cny,
    ytd_cny,
    attained_share,
    time_progress,
    seasonal_progress,
    case when ytd_cny is not null and aim_cny is not null then gap_cny end as gap_cny,
    case
        when month < 12 and kind <> 'ratio' and ytd_cny is not null and aim_cny is not null
        then cast(gap_cny as decimal(38, 6)) / nullif(12 - month, 0)
    end as required_month_cny,
    case
        when month < 12 and kind <> 'ratio' and ytd_cny is not null and aim_cny is not null
            and known_prior_cny > prior_ytd_cny
        then cast(gap_cny as decimal(38, 6)) / nullif(known_prior_cny - prior_ytd_cny, 0) - 1
    end as required_growth,
    yoy_ytd,
    growth as growth_target,
    case
        when month = 12 and ytd_cny >= aim_cny then 'met'
        when month = 12 and ytd_cny < aim_cny then 'missed'
        when is_rate and rate is null then null
        when is_rate and month = 12
        then case when rate >= coalesce(growth, 0) then 'met' else 'missed' end
        when is_rate and rate >= coalesce(growth, 0) + band then 'ahead'
        when is_rate and rate >= coalesce(growth, 0) - band then 'on_track'
        when is_rate then 'behind'
        when ytd_cny is null or aim_cny is null then null
        when ytd_cny >= aim_cny then 'met'
        when attained_share >= coalesce(seasonal_progress, time_progress) + 0.02 then 'ahead'
        when attained_share >= coalesce(seasonal_progress, time_progress) - 0.02 then 'on_track'
        else 'behind'
    end as status,
    name_en,
    year,
    scope_kind,
    scope_id,
    item,
    prior_ytd_cny,
    known_prior_cny as prior_year_cny,
    case when kind = 'ratio' then ratio_ytd end as ratio_ytd,
    case when kind = 'ratio' then baseline_ratio end as baseline_ratio,
    case
        when kind = 'level' then null
        when is_rate then rate
        else growth_over_base
    end as growth_so_far
from measured

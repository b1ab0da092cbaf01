-- mart: target_progress
-- purpose: How far each target is reached, month by month of its year, and whether it will be | 各目标逐月完成进度与预判
-- grain: period, target_id
-- inputs: targets, thresholds, int_scope_totals, int_target_sums, int_coverage, projects
-- looks_ahead: no
-- columns:
--   period | month | Month reported, its first day | 报告期
--   target_id | code | Key of targets.csv | 目标编号
--   name | text | Name of the target in Chinese | 目标名称
--   kind | code | level, growth, level_and_growth, ratio or count | 目标类型
--   target_cny | CNY | What measured_cny must reach by December; null before the baseline is known | 目标值
--   baseline_cny | CNY | The item's full year in the baseline year; over the year before, of the same firms | 基期全年
--   ytd_cny | CNY | The item, January to the month | 本年累计
--   attained_share | fraction | measured_cny over target_cny | 完成比例
--   time_progress | fraction | Months gone by over twelve | 序时进度
--   seasonal_progress | fraction | prior_ytd_cny over prior_year_cny | 季节进度
--   gap_cny | CNY | What is still to come; 0 when reached | 缺口
--   required_month_cny | CNY | Needed on average in each month left; null in December and for ratios | 剩余月均需完成
--   required_growth | fraction | Growth the months left need over the same firms' last year; null in December, for ratios, and where ytd_cny holds firms without a base | 剩余月份需增速
--   yoy_ytd | fraction | comparable_ytd_cny over prior_ytd_cny, less 1; for a ratio its change over last year | 累计同比
--   growth_target | fraction | Growth asked for; for a ratio the change asked for | 增速目标
--   status | code | met, ahead, on_track, behind, missed or incomplete; null when figures are missing | 状态
--   name_en | text | Name of the target in English | 目标英文名称
--   year | number | The year of the target | 目标年度
--   scope_kind | code | district, zone, chain, industry, size, leading or firm | 口径类别
--   scope_id | code | Key of the scope within its kind | 口径代码
--   item | code | The item, numerator/denominator, or the kind of project that is counted | 指标
--   prior_ytd_cny | CNY | The item last year to date, of the firms in comparable_ytd_cny | 上年同期累计
--   prior_year_cny | CNY | The full year before, of the firms in comparable_ytd_cny | 上年全年
--   ratio_ytd | fraction | For a ratio: numerator over denominator, year to date | 累计比率
--   baseline_ratio | fraction | For a ratio: the same in the full baseline year | 基期比率
--   growth_so_far | fraction | What stands beside growth_target: growth over the baseline, or a ratio's change; null till December when the baseline is not the year before | 对基期增速
--   comparable_ytd_cny | CNY | Of ytd_cny, what last year's figures stand against | 可比口径本年累计
--   measured_cny | CNY | What is held against target_cny: comparable_ytd_cny for growth over the year before, else ytd_cny | 考核累计
--   lower_comparable_cny | CNY | For a ratio: the denominator of comparable_ytd_cny | 可比口径分母累计
--   lower_prior_cny | CNY | For a ratio: the denominator of prior_ytd_cny | 上年同期分母累计
--   base_coverage | fraction | Part of prior_ytd_cny whose full year is known | 基数覆盖率
--   is_estimated | flag | Whether prior_year_cny was scaled because some of its firms have no known full year | 上年全年是否推算
--   reported_value_share | fraction | Last year's value of the reports that count over that of all due | 已报企业基数占比
--   is_complete | flag | Whether that is enough to judge the month | 是否报齐
--   kind_zh | text | kind in Chinese | 目标类型中文
--   status_zh | text | status in Chinese | 状态中文
--   expected_cny | CNY | Estimate: measured_cny over seasonal_progress; null in December, for ratios and where the month is not complete | 全年预计（推算）
--   expected_gap_cny | CNY | Estimate: expected_cny less target_cny; below zero where it falls short | 预计超目标额（推算）
--   target_count | count | For a count: the number to be reached by the end of the year | 目标数量
--   attained_count | count | For a count: projects that produce at the month's end | 完成数量
--   baseline_count | count | For a count: those of them that produced before the year began | 年初数量
-- not_null: name, kind, kind_zh, time_progress, is_estimated, is_complete
-- accepted kind: level, growth, level_and_growth, ratio, count
-- accepted status: met, ahead, on_track, behind, missed, incomplete
-- reconcile gap_and_attainment_agree:
--   select period, target_id, gap_cny, attained_share from this
--   where attained_share is not null and (gap_cny = 0) <> (measured_cny >= target_cny)
-- reconcile december_decides:
--   select period, target_id, status from this
--   where extract(month from period) = 12 and status not in ('met', 'missed', 'incomplete')
-- reconcile december_says_what_the_figures_say:
--   select period, target_id, status, gap_cny from this
--   where extract(month from period) = 12 and gap_cny is not null
--     and case status when 'incomplete' then is_complete else (status = 'met') <> (gap_cny = 0) end
-- reconcile only_an_incomplete_month_is_incomplete:
--   select period, target_id, status, is_complete from this
--   where coalesce(status, '') = 'incomplete' and is_complete
--     or coalesce(status, '') not in ('incomplete', 'met') and not is_complete
-- reconcile growth_recomputes:
--   select period, target_id, yoy_ytd from this
--   where kind <> 'ratio' and prior_ytd_cny > 0
--     and abs(yoy_ytd - (ratio(comparable_ytd_cny, prior_ytd_cny) - 1)) > 0.000001
-- rules: Growth and ratios over the year before compare one set of firms: those with this year's and last
--   year's figures in the month (see int_target_sums). Their full last year is what they and their
--   predecessors filed last December, and in December their prior-year columns. Where some have none, the
--   known sum is scaled by their part of prior_ytd_cny (is_estimated); when less than 90 % of that is known,
--   prior_year_cny and what depends on it are null: target, gap and status of growth and ratio, and the
--   seasonal progress of all. A baseline of an earlier year is that year's total of the scope, unless less
--   than 90 % of its value was reported; baseline_cny of the seed comes before it.
--   target_cny is the level; the baseline times 1 + growth; for level_and_growth whichever of both lacks
--   more; and for a ratio the denominator times (baseline ratio + growth). A baseline of zero has no growth.
--   In December a target whose target_cny is known is met when measured_cny reaches it and missed when not.
--   Before, status of level and level_and_growth: met once reached; else attained share against seasonal
--   progress (time progress when that is unknown): at least 0.02 above is ahead, more than 0.02 below
--   behind, else on_track. Status of growth over the year before: yoy_ytd at least 0.005 above the growth
--   asked for is ahead, more than 0.005 below it behind. Growth over an earlier year, or over a baseline
--   that the seed states, is judged as a level. Ratio: as growth, with 0.001 instead of 0.005, on the change
--   over last year, or over the baseline ratio when the baseline is an earlier year.
--   A count is of projects of the kind `item`: attained_count are those whose stage is producing at the
--   month's end, since whenever; attained_share is attained_count over target_count. It is judged as a level, but by
--   what the year has added over what it is to add, against time progress; it is never in a column of yuan.
--   A month that is not complete is incomplete, unless the target is reached whatever the missing reports
--   bring: a level by its sum; growth over the year before in December, against the base of all that are
--   due; a ratio never.
--   | 对上年的增速和比率用同一批企业：当月两年数据齐全的企业。其上年全年取它们及前身上年12月所报；12月当月用其上年同期列。部分企业缺失时，按其占 prior_ytd_cny 的份额推算（is_estimated）；已知部分不足90%时 prior_year_cny 及依赖它的各列为空：增速和比率目标的目标值、差额、状态，以及所有目标的季节进度。更早的基年取该年该范围合计，其报送额不足90%时为空；基础表写明 baseline_cny 的以它为准。target_cny：总量目标即其数；增速目标为基数×(1+增速)；两者兼有取缺口较大者；比率目标为分母×(基期比率+增幅)。基数为零则没有增速。12月 target_cny 已知时，measured_cny 达到为 met，否则 missed。此前总量类：达到即 met，否则以完成率对季节进度（未知时对序时进度），高出0.02以上为 ahead，低于0.02以上为 behind，其余 on_track。对上年的增速：yoy_ytd 比目标高0.005以上为 ahead，低0.005以上为 behind。对更早年份或写明基数的增速按总量判定。比率同增速，界限为0.001。未报齐的月份为 incomplete，除非无论缺报如何都已达到。
with
goals as (
    select
        *,
        coalesce(baseline_year, year - 1) as base_year,
        split_part(item, '/', 1) as upper_item,
        split_part(item, '/', 2) as lower_item,
        case kind when 'ratio' then ratio_band else growth_band end as band,
        -- growth over the same firms' year before, not over a stated level
        kind not in ('level', 'count') and coalesce(baseline_year, year - 1) = year - 1
            and baseline_cny is null
            as is_comparable
    from targets
    cross join thresholds
),
filed as (
    select distinct
        form,
        period,
        cast(extract(year from period) as int) as year,
        cast(extract(month from period) as int) as month
    from int_scope_totals
    union
    select distinct
        'LY-04',
        period,
        cast(extract(year from period) as int),
        cast(extract(month from period) as int)
    from projects
),
-- projects of a kind that produce, and those of them that did before the year
counts as (
    select
        g.target_id,
        p.period,
        count(*) as attained_count,
        count(case when p.producing_on < make_date(g.year, 1, 1) then 1 end) as baseline_count
    from goals as g
    join projects as p
        on extract(year from p.period) = g.year
        and p.kind = g.item
        and (g.scope_kind = 'district' or g.scope_id = p.chain)
    where g.kind = 'count' and p.stage = 'producing'
    group by g.target_id, p.period
),
found as (
    select
        g.*,
        filed.period,
        filed.month,
        n.ytd_cny,
        n.comparable_ytd_cny,
        n.prior_ytd_cny,
        n.prior_year_cny,
        n.base_coverage,
        n.lower_comparable_cny,
        n.lower_prior_cny,
        r.reported_value_share,
        coalesce(r.is_complete, true) as is_complete,
        case
            when g.baseline_cny is not null then g.baseline_cny
            when g.base_year = g.year - 1 then n.prior_year_cny
            when b.reported_value_share >= g.base_share_min then e.ytd_cny
        end as known_base_cny,
        case
            when g.base_year = g.year - 1 then n.lower_prior_year_cny
            when b.reported_value_share >= g.base_share_min then e.lower_ytd_cny
        end as lower_base_cny,
        case when g.kind = 'count' then coalesce(c.attained_count, 0) end as attained_count,
        case when g.kind = 'count' then coalesce(c.baseline_count, 0) end as baseline_count,
        case when g.is_comparable then n.comparable_ytd_cny else n.ytd_cny end as upper_cny,
        case when g.is_comparable then n.lower_comparable_cny else n.lower_ytd_cny end as lower_cny
    from goals as g
    join filed on filed.form = g.form and filed.year = g.year
    left join counts as c on c.target_id = g.target_id and c.period = filed.period
    left join int_target_sums as n on n.target_id = g.target_id and n.period = filed.period
    left join int_target_sums as e
        on e.target_id = g.target_id and e.period = make_date(g.base_year, 12, 1)
    left join int_coverage as r
        on r.form = g.form and r.period = filed.period
        and r.scope_kind = g.scope_kind and r.scope_id = g.scope_id
        and r.item = case g.kind when 'ratio' then g.lower_item else g.upper_item end
    left join int_coverage as b
        on b.form = g.form and b.period = make_date(g.base_year, 12, 1)
        and b.scope_kind = g.scope_kind and b.scope_id = g.scope_id
        and b.item = case g.kind when 'ratio' then g.lower_item else g.upper_item end
),
compared as (
    select
        *,
        cast(month as decimal(38, 6)) / 12 as time_progress,
        case
            when lower_cny > 0 then cast(upper_cny as decimal(60, 20)) / nullif(lower_cny, 0)
        end as ratio_ytd,
        case
            when lower_base_cny > 0
            then cast(known_base_cny as decimal(60, 20)) / nullif(lower_base_cny, 0)
        end as baseline_ratio,
        case
            when kind = 'ratio' and lower_comparable_cny > 0 and lower_prior_cny > 0
            then cast(comparable_ytd_cny as decimal(60, 20)) / nullif(lower_comparable_cny, 0)
                - cast(prior_ytd_cny as decimal(60, 20)) / nullif(lower_prior_cny, 0)
            when kind <> 'ratio' then ratio(comparable_ytd_cny, prior_ytd_cny) - 1
        end as yoy_ytd,
        case when kind <> 'ratio' then ratio(prior_ytd_cny, prior_year_cny) end as seasonal_progress,
        case when known_base_cny > 0 then cast(known_base_cny * (1 + growth) as decimal(24, 2)) end
            as grown_cny
    from found
),
-- of level and growth together, the one that lacks more
aimed as (
    select
        *,
        case kind
            when 'level' then level_cny
            when 'growth' then grown_cny
            when 'ratio' then cast(lower_cny * (baseline_ratio + growth) as decimal(24, 2))
            when 'level_and_growth'
            then case
                when grown_cny - upper_cny < level_cny - ytd_cny then level_cny
                else grown_cny
            end
        end as aim_cny,
        case
            when kind = 'level_and_growth' and grown_cny - upper_cny < level_cny - ytd_cny then ytd_cny
            else upper_cny
        end as measured_cny
    from compared
),
measured as (
    select
        *,
        case kind
            when 'count' then ratio(attained_count, level_count)
            else ratio(measured_cny, aim_cny)
        end as attained_share,
        -- what is held against the part of the year that is gone
        case kind
            when 'count' then ratio(attained_count - baseline_count, level_count - baseline_count)
            else ratio(measured_cny, aim_cny)
        end as judged_share,
        case kind when 'count' then attained_count >= level_count else measured_cny >= aim_cny end
            as is_reached,
        case when measured_cny >= aim_cny then 0 else aim_cny - measured_cny end as gap_cny,
        -- what is judged as a growth rate: the growth, or how far the ratio moved
        case
            when is_comparable then yoy_ytd
            when kind = 'ratio' then ratio_ytd - baseline_ratio
        end as rate,
        kind = 'ratio' or (kind = 'growth' and is_comparable) as is_rate,
        kind <> 'ratio' and measured_cny >= aim_cny
            and (not is_comparable or (upper_cny * reported_value_share >= grown_cny
                and (kind <> 'growth' or month = 12))) as is_certain
    from aimed
),
judged as (
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
        case when measured_cny is not null and aim_cny is not null then gap_cny end as gap_cny,
        case
            when month < 12 and kind <> 'ratio' and measured_cny is not null and aim_cny is not null
            then ratio(gap_cny, 12 - month)
        end as required_month_cny,
        case
            when month < 12 and kind <> 'ratio' and aim_cny is not null
                and measured_cny = comparable_ytd_cny
            then ratio(gap_cny, prior_year_cny - prior_ytd_cny) - 1
        end as required_growth,
        yoy_ytd,
        growth as growth_target,
        case
            when not is_complete then case when is_certain then 'met' else 'incomplete' end
            when is_reached is null then null
            when month = 12 then case when is_reached then 'met' else 'missed' end
            when is_rate and rate >= growth + band then 'ahead'
            when is_rate and rate >= growth - band then 'on_track'
            when is_rate and rate is not null then 'behind'
            when is_rate then null
            when is_reached then 'met'
            when judged_share >= coalesce(seasonal_progress, time_progress) + level_band then 'ahead'
            when judged_share >= coalesce(seasonal_progress, time_progress) - level_band then 'on_track'
            else 'behind'
        end as status,
        name_en,
        year,
        scope_kind,
        scope_id,
        item,
        prior_ytd_cny,
        prior_year_cny,
        case when kind = 'ratio' then ratio_ytd end as ratio_ytd,
        case when kind = 'ratio' then baseline_ratio end as baseline_ratio,
        case
            when kind = 'level' then null
            when is_rate or is_comparable then rate
            when month = 12 then ratio(ytd_cny, known_base_cny) - 1
        end as growth_so_far,
        comparable_ytd_cny,
        measured_cny,
        lower_comparable_cny,
        lower_prior_cny,
        base_coverage,
        prior_year_cny is not null and base_coverage <> 1 as is_estimated,
        reported_value_share,
        is_complete,
        case
            when month < 12 and kind not in ('ratio', 'count') and is_complete
            then cast(ratio(measured_cny, seasonal_progress) as decimal(24, 2))
        end as expected_cny,
        level_count as target_count,
        attained_count,
        baseline_count
    from measured
)
select
    * exclude (expected_cny, target_count, attained_count, baseline_count),
    case kind
        when 'level' then '总量'
        when 'growth' then '增速'
        when 'level_and_growth' then '总量和增速'
        when 'count' then '数量'
        else '比率'
    end as kind_zh,
    case status
        when 'met' then '已完成'
        when 'ahead' then '超前'
        when 'on_track' then '正常'
        when 'behind' then '滞后'
        when 'missed' then '未完成'
        when 'incomplete' then '数据未报齐'
    end as status_zh,
    expected_cny,
    expected_cny - target_cny as expected_gap_cny,
    target_count,
    attained_count,
    baseline_count
from judged

-- mart: dim_period
-- purpose: Every month from the first to the last that is filed or was filed for, without gaps | 首月至末月逐月，不间断
-- grain: period
-- inputs: calendar, int_counted, int_ledger_rows, int_coverage, form_months
-- columns:
--   period | month | First day of the month | 报告期
--   year | number | Calendar year | 年
--   month | number | 1 to 12 | 月
--   quarter | number | 1 to 4 | 季度
--   label_zh | text | 2024年7月 | 中文标签
--   label_en | text | Jul 2024 | 英文标签
--   label_ytd_zh | text | 2024年1-7月 | 累计中文标签
--   label_ytd_en | text | Jan-Jul 2024 | 累计英文标签
--   last_day | date | Last day of the month | 月末日
--   year_ago | month | The same month of the year before | 上年同月
--   is_january | flag | Exempt from B204-1 | 是否1月
--   is_cumulative | flag | February: covers January and February, has no month figures | 是否1-2月合并
--   is_year_end | flag | December: the year to date is the full year | 是否年末
--   reported_value_share | fraction | Of the district's output: see monthly_totals; null where nothing is due | 已报份额
--   is_complete | flag | Of the district's output: see monthly_totals; null where no report is owed yet | 是否完整
-- not_null: year, month, quarter, label_zh, label_en, label_ytd_zh, label_ytd_en, last_day, year_ago, is_january, is_cumulative, is_year_end
with
known as (
    select period from calendar
    union
    select period from int_counted
    union
    select period from int_ledger_rows
),
-- `form_months` has every month of a year: with the years there are it makes every month
periods as (
    select every.period
    from (
        select make_date(years.year, months.month, 1) as period
        from (select distinct cast(extract(year from period) as int) as year from known) as years
        cross join (select distinct month from form_months) as months
    ) as every
    cross join (select min(period) as first, max(period) as last from known) as ends
    where every.period between ends.first and ends.last
),
parts as (
    select
        period,
        cast(extract(year from period) as int) as year,
        cast(extract(month from period) as int) as month
    from periods
),
named as (
    select
        *,
        cast(year as varchar) as year_text,
        cast(month as varchar) as month_text,
        substr('JanFebMarAprMayJunJulAugSepOctNovDec', month * 3 - 2, 3) as month_en
    from parts
)
select
    named.period,
    year,
    named.month,
    (named.month + 2) / 3 as quarter,
    year_text || '年' || month_text || '月' as label_zh,
    month_en || ' ' || year_text as label_en,
    year_text || '年' || case when named.month > 1 then '1-' else '' end || month_text || '月' as label_ytd_zh,
    case when named.month > 1 then 'Jan-' else '' end || month_en || ' ' || year_text as label_ytd_en,
    named.period + interval '1 month' - interval '1 day' as last_day,
    named.period - interval '12 months' as year_ago,
    named.month = 1 as is_january,
    coalesce(m.is_cumulative, false) as is_cumulative,
    named.month = 12 as is_year_end,
    coverage.reported_value_share,
    coverage.is_complete
from named
left join form_months as m on m.form = 'B204-1' and m.month = named.month
left join int_coverage as coverage
    on coverage.period = named.period
    and coverage.form = 'B204-1'
    and coverage.scope_kind = 'district'
    and coverage.item = 'output'

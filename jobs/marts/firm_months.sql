-- mart: firm_months
-- purpose: The wide fact for BI: every firm due in a month, its figures with growth, points, flags and keys
--   | 企业月度宽表：每月每个应报企业的各项数据及增速、拉动、标志和代码
-- grain: period, credit_code
-- inputs: int_figures, int_basis, int_scope_totals, submission_status, firms, restructurings
-- looks_ahead: no
-- columns:
--   period | month | Month reported, its first day; key of dim_period | 报告期
--   credit_code | code | Unified social credit code; key of dim_firm | 统一社会信用代码
--   firm_name | text | Name on the roster in that month | 单位名称
--   zone | code | Key of dim_zone; `none` outside the zones | 开发区
--   chain | code | Key of dim_chain; `none` for none | 产业链
--   industry_code | code | The firm's main industry; key of dim_industry | 行业代码
--   size_class | number | 1 large, 2 medium, 3 small, 4 micro | 单位规模
--   is_leading | flag | Whether it is a leading firm | 是否龙头
--   base_rule | code | keep or drop: what becomes of its base when it leaves within a year | 留基数规则
--   is_late | flag | Whether the report first came after the deadline; null without a deadline | 是否迟报
--   is_new | flag | Whether the firm first came on the roster this year, after the first month that counts here, from no predecessor | 是否本年新增
--   has_left | flag | Whether it is off the roster the month after | 是否退出
--   output_month_cny | CNY | Output: the month; null in February | 工业总产值本年本月
--   output_ytd_cny | CNY | Output: January to the month | 工业总产值本年1-本月
--   output_prior_month_cny | CNY | Output: the month last year; null in February | 工业总产值上年同期本月
--   output_prior_ytd_cny | CNY | Output: January to the month last year | 工业总产值上年同期1-本月
--   sales_month_cny | CNY | Sales: the month; null in February | 工业销售产值本年本月
--   sales_ytd_cny | CNY | Sales: January to the month | 工业销售产值本年1-本月
--   sales_prior_month_cny | CNY | Sales: the month last year; null in February | 工业销售产值上年同期本月
--   sales_prior_ytd_cny | CNY | Sales: January to the month last year | 工业销售产值上年同期1-本月
--   exports_month_cny | CNY | Exports: the month; null in February | 出口交货值本年本月
--   exports_ytd_cny | CNY | Exports: January to the month | 出口交货值本年1-本月
--   exports_prior_month_cny | CNY | Exports: the month last year; null in February | 出口交货值上年同期本月
--   exports_prior_ytd_cny | CNY | Exports: January to the month last year | 出口交货值上年同期1-本月
--   supply_month_cny | CNY | Supply to firms of the roster (LY-01): the month; null in February | 配套产值本年本月
--   supply_ytd_cny | CNY | Supply to firms of the roster (LY-01): January to the month | 配套产值本年1-本月
--   supply_prior_month_cny | CNY | Supply to firms of the roster (LY-01): the month last year; null in February | 配套产值上年同期本月
--   supply_prior_ytd_cny | CNY | Supply to firms of the roster (LY-01): January to the month last year | 配套产值上年同期1-本月
--   purchases_month_cny | CNY | Purchases (LY-02): the month; null in February | 采购总额本年本月
--   purchases_ytd_cny | CNY | Purchases (LY-02): January to the month | 采购总额本年1-本月
--   purchases_prior_month_cny | CNY | Purchases (LY-02): the month last year; null in February | 采购总额上年同期本月
--   purchases_prior_ytd_cny | CNY | Purchases (LY-02): January to the month last year | 采购总额上年同期1-本月
--   local_purchases_month_cny | CNY | Local purchases (LY-02): the month; null in February | 本地采购额本年本月
--   local_purchases_ytd_cny | CNY | Local purchases (LY-02): January to the month | 本地采购额本年1-本月
--   local_purchases_prior_month_cny | CNY | Local purchases (LY-02): the month last year; null in February | 本地采购额上年同期本月
--   local_purchases_prior_ytd_cny | CNY | Local purchases (LY-02): January to the month last year | 本地采购额上年同期1-本月
--   yoy_month | fraction | output_comparable_month_cny over output_prior_month_cny, less 1 | 产值本月同比
--   yoy_ytd | fraction | output_comparable_ytd_cny over output_prior_ytd_cny, less 1 | 产值累计同比
--   sales_yoy_ytd | fraction | sales_comparable_ytd_cny over sales_prior_ytd_cny, less 1 | 销售产值累计同比
--   exports_yoy_ytd | fraction | exports_comparable_ytd_cny over exports_prior_ytd_cny, less 1 | 出口交货值累计同比
--   contribution_points | pp | Points by which the firm moves the district's growth of output | 拉动百分点
--   share_of_district | fraction | Share of the district's output, year to date | 占全区比重
--   sales_ratio_ytd | fraction | Sales over output, year to date | 累计产销率
--   output_comparable_ytd_cny | CNY | Of output_ytd_cny, what has last year's figure against it | 工业总产值可比口径1-本月
--   sales_comparable_ytd_cny | CNY | Of sales_ytd_cny, what has last year's figure against it | 工业销售产值可比口径1-本月
--   exports_comparable_ytd_cny | CNY | Of exports_ytd_cny, what has last year's figure against it | 出口交货值可比口径1-本月
--   supply_comparable_ytd_cny | CNY | Of supply_ytd_cny, what has last year's figure against it | 配套产值可比口径1-本月
--   purchases_comparable_ytd_cny | CNY | Of purchases_ytd_cny, what has last year's figure against it | 采购总额可比口径1-本月
--   local_purchases_comparable_ytd_cny | CNY | Of local_purchases_ytd_cny, what has last year's figure against it | 本地采购额可比口径1-本月
--   output_comparable_month_cny | CNY | Of output_month_cny, what has last year's figure against it | 工业总产值可比口径本月
--   outside_supply_month_cny | CNY | Supply to others (LY-01): the month; null in February | 区外配套本年本月
--   outside_supply_ytd_cny | CNY | Supply to others (LY-01): January to the month | 区外配套本年1-本月
--   outside_supply_prior_month_cny | CNY | Supply to others (LY-01): the month last year; null in February | 区外配套上年同期本月
--   outside_supply_prior_ytd_cny | CNY | Supply to others (LY-01): January to the month last year | 区外配套上年同期1-本月
--   outside_supply_comparable_ytd_cny | CNY | Of outside_supply_ytd_cny, what has last year's figure against it | 区外配套可比口径1-本月
--   spell_from | month | First month of the spell in force; with credit_code the key of dim_firm_spell | 在库起始月
--   state | code | State of B204-1 as in submission_status: missing, accepted, queried, refused or unreadable | 状态
--   state_zh | text | state in Chinese | 状态中文
--   is_due | flag | Whether the firm owes B204-1 for the month | 是否应报
--   is_reported | flag | Whether its report counts; where not, its figures of B204-1 are null | 是否通过
-- not_null: spell_from, state, state_zh, is_due, is_reported, firm_name, zone, chain, industry_code, size_class, is_leading, base_rule, is_new, has_left
-- accepted base_rule: keep, drop
-- accepted state: missing, accepted, queried, refused, unreadable
-- reconcile every_firm_due_is_there_in_its_state:
--   select s.period, s.credit_code, s.state from submission_status as s
--   left join this on this.period = s.period and this.credit_code = s.credit_code
--   where s.form = 'B204-1' and this.state is distinct from s.state
-- reconcile what_counts_is_accepted:
--   select period, credit_code, state from this where is_reported and state <> 'accepted'
-- reconcile firms_and_kept_bases_add_up_to_the_district:
--   with
--   parts as (
--     select period, output_ytd_cny as cny from this
--     union all
--     select period, ytd_cny from int_basis
--     where form = 'B204-1' and item = 'output' and not is_reported
--   ),
--   sums as (select period, sum(cny) as cny from parts group by period)
--   select s.period, s.cny, t.ytd_cny
--   from sums as s
--   join int_scope_totals as t on t.period = s.period and t.form = 'B204-1'
--     and t.scope_kind = 'district' and t.item = 'output'
--   where s.cny is distinct from t.ytd_cny
-- rules: One row for each firm that owes B204-1 for the month, whether or not it reported, and for each
--   report of it that counts. Where none counts the figures are null, never zero, and state says why.
--   Figures of LY-01 and LY-02 stand beside them when the firm filed them too, else null. Firms that left
--   are not here; the base kept for them is in growth_breakdown. Last year's figures are those of rows that have both years (see int_basis); growth is
--   null when they are missing, zero or negative.
--   | 每份计入的 B204-1 一行，企业另报了 LY-01、LY-02 的，其数据并列，否则为空。已退出企业不在此表，其保留的基数在 monthly_totals。上年数取自两年数据齐全的行；上年数缺、为零或为负时增速为空。
with
reports as (
    select distinct period, credit_code
    from int_figures
    where form = 'B204-1'
),
statuses as (
    select
        period,
        credit_code,
        state,
        state_zh,
        case when deadline is not null then is_late end as is_late
    from submission_status
    where form = 'B204-1'
),
rows_of_firms as (
    select
        coalesce(s.period, p.period) as period,
        coalesce(s.credit_code, p.credit_code) as credit_code,
        s.state,
        s.state_zh,
        s.is_late,
        p.credit_code is not null as is_reported
    from reports as p
    full join statuses as s on p.period = s.period and p.credit_code = s.credit_code
),
figures as (
    select
        period,
        credit_code,
        sum(case when item = 'output' then month_cny end) as output_month_cny,
        sum(case when item = 'output' then ytd_cny end) as output_ytd_cny,
        sum(case when item = 'output' then prior_month_cny end) as output_prior_month_cny,
        sum(case when item = 'output' then prior_ytd_cny end) as output_prior_ytd_cny,
        sum(case when item = 'output' then comparable_ytd_cny end) as output_comparable_ytd_cny,
        sum(case when item = 'sales' then month_cny end) as sales_month_cny,
        sum(case when item = 'sales' then ytd_cny end) as sales_ytd_cny,
        sum(case when item = 'sales' then prior_month_cny end) as sales_prior_month_cny,
        sum(case when item = 'sales' then prior_ytd_cny end) as sales_prior_ytd_cny,
        sum(case when item = 'sales' then comparable_ytd_cny end) as sales_comparable_ytd_cny,
        sum(case when item = 'exports' then month_cny end) as exports_month_cny,
        sum(case when item = 'exports' then ytd_cny end) as exports_ytd_cny,
        sum(case when item = 'exports' then prior_month_cny end) as exports_prior_month_cny,
        sum(case when item = 'exports' then prior_ytd_cny end) as exports_prior_ytd_cny,
        sum(case when item = 'exports' then comparable_ytd_cny end) as exports_comparable_ytd_cny,
        sum(case when item = 'supply' then month_cny end) as supply_month_cny,
        sum(case when item = 'supply' then ytd_cny end) as supply_ytd_cny,
        sum(case when item = 'supply' then prior_month_cny end) as supply_prior_month_cny,
        sum(case when item = 'supply' then prior_ytd_cny end) as supply_prior_ytd_cny,
        sum(case when item = 'supply' then comparable_ytd_cny end) as supply_comparable_ytd_cny,
        sum(case when item = 'purchases' then month_cny end) as purchases_month_cny,
        sum(case when item = 'purchases' then ytd_cny end) as purchases_ytd_cny,
        sum(case when item = 'purchases' then prior_month_cny end) as purchases_prior_month_cny,
        sum(case when item = 'purchases' then prior_ytd_cny end) as purchases_prior_ytd_cny,
        sum(case when item = 'purchases' then comparable_ytd_cny end) as purchases_comparable_ytd_cny,
        sum(case when item = 'local_purchases' then month_cny end) as local_purchases_month_cny,
        sum(case when item = 'local_purchases' then ytd_cny end) as local_purchases_ytd_cny,
        sum(case when item = 'local_purchases' then prior_month_cny end) as local_purchases_prior_month_cny,
        sum(case when item = 'local_purchases' then prior_ytd_cny end) as local_purchases_prior_ytd_cny,
        sum(case when item = 'local_purchases' then comparable_ytd_cny end) as local_purchases_comparable_ytd_cny,
        sum(case when item = 'output' then comparable_month_cny end) as output_comparable_month_cny,
        sum(case when item = 'outside_supply' then month_cny end) as outside_supply_month_cny,
        sum(case when item = 'outside_supply' then ytd_cny end) as outside_supply_ytd_cny,
        sum(case when item = 'outside_supply' then prior_month_cny end) as outside_supply_prior_month_cny,
        sum(case when item = 'outside_supply' then prior_ytd_cny end) as outside_supply_prior_ytd_cny,
        sum(case when item = 'outside_supply' then comparable_ytd_cny end)
            as outside_supply_comparable_ytd_cny,
        max(case when item = 'output' then growth(comparable_month_cny, prior_month_cny) end) as yoy_month,
        max(case when item = 'output' then growth(comparable_ytd_cny, prior_ytd_cny) end) as yoy_ytd,
        max(case when item = 'sales' then growth(comparable_ytd_cny, prior_ytd_cny) end) as sales_yoy_ytd,
        max(case when item = 'exports' then growth(comparable_ytd_cny, prior_ytd_cny) end) as exports_yoy_ytd
    from int_basis
    where division = ''
    group by period, credit_code
),
district as (
    select period, ytd_cny, prior_ytd_cny
    from int_scope_totals
    where form = 'B204-1' and scope_kind = 'district' and item = 'output'
),
entries as (
    select credit_code, min(roster_from) as first_from
    from firms
    where credit_code not in (select credit_code from restructurings where predecessor is not null)
    group by credit_code
),
lake as (
    select min(period) as first_period
    from int_figures
)
select
    r.period,
    r.credit_code,
    firms.name as firm_name,
    coalesce(firms.zone, 'none') as zone,
    coalesce(firms.chain, 'none') as chain,
    firms.industry_code,
    firms.size_class,
    firms.is_leading,
    firms.base_rule,
    r.is_late,
    coalesce(
        extract(year from entries.first_from) = extract(year from r.period)
        and entries.first_from > lake.first_period,
        false
    ) as is_new,
    coalesce(firms.roster_to = r.period, false) and next_spell.credit_code is null as has_left,
    figures.* exclude (period, credit_code),
    ratio((output_comparable_ytd_cny - output_prior_ytd_cny) * 100, district.prior_ytd_cny) as contribution_points,
    ratio(output_ytd_cny, district.ytd_cny) as share_of_district,
    ratio(sales_ytd_cny, output_ytd_cny) as sales_ratio_ytd,
    firms.roster_from as spell_from,
    coalesce(r.state, 'accepted') as state,
    coalesce(r.state_zh, '通过') as state_zh,
    r.state is not null as is_due,
    r.is_reported
-- of each join the side named first is held: the smaller one
from district
right join (
    figures
    right join (
        entries
        right join (
            firms as next_spell
            right join (
                firms
                join rows_of_firms as r
                    on firms.credit_code = r.credit_code
                    and firms.roster_from <= r.period
                    and (firms.roster_to is null or r.period <= firms.roster_to)
                cross join lake
            )
                on next_spell.credit_code = r.credit_code
                and next_spell.roster_from = r.period + interval '1 month'
        )
            on entries.credit_code = r.credit_code
    )
        on figures.period = r.period and figures.credit_code = r.credit_code
)
    on district.period = r.period

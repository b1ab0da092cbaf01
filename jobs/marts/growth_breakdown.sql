-- mart: growth_breakdown
-- purpose: What each firm adds to level and growth of the district, kept bases of leavers among them | 各企业对全区总量和增速的贡献，含留基数的退出企业
-- grain: period, item, credit_code
-- inputs: int_basis, firms, monthly_totals
-- looks_ahead: no
-- columns:
--   period | month | Month reported, its first day | 报告期
--   item | code | output, sales or exports | 指标
--   credit_code | code | Unified social credit code | 统一社会信用代码
--   firm_name | text | Name on the roster in the month it counts under | 单位名称
--   zone | code | Key of dim_zone; `none` outside the zones | 开发区
--   chain | code | Key of dim_chain; `none` for none | 产业链
--   size_class | number | 1 large, 2 medium, 3 small, 4 micro | 单位规模
--   is_reported | flag | Whether the firm reported; false for the kept base of one that left | 是否报送
--   ytd_cny | CNY | This year, January to the month | 本年1-本月
--   comparable_ytd_cny | CNY | Of ytd_cny, what has last year's figure against it | 可比口径本年1-本月
--   prior_ytd_cny | CNY | The year before, of the same rows | 上年同期1-本月
--   change_cny | CNY | comparable_ytd_cny less prior_ytd_cny | 增减额
--   contribution_points | pp | change_cny over the district's prior_ytd_cny | 拉动百分点
--   contribution_share | fraction | change_cny over the district's; null where the district grows by too little | 贡献率
-- not_null: firm_name, zone, chain, size_class, is_reported
-- reconcile levels_add_up_to_the_district:
--   select b.period, b.item, b.cny, t.ytd_cny
--   from (select period, item, sum(ytd_cny) as cny from this group by period, item) as b
--   join monthly_totals as t
--     on t.period = b.period and t.item = b.item and t.scope_kind = 'district'
--   where b.cny is distinct from t.ytd_cny
-- reconcile changes_add_up_to_the_district:
--   select b.period, b.item, b.cny, t.comparable_ytd_cny - t.prior_ytd_cny as district_cny
--   from (select period, item, sum(change_cny) as cny from this group by period, item) as b
--   join monthly_totals as t
--     on t.period = b.period and t.item = b.item and t.scope_kind = 'district'
--   where b.cny is distinct from t.comparable_ytd_cny - t.prior_ytd_cny
-- rules: A firm that left and whose base is kept (留基数) stands here with its last year-to-date figure, so
--   that rows sum to the district. A firm without last year's figure is in the level and changes nothing.
--   | 已退出而留基数的企业以上年累计数列出，因此各行之和等于全区。没有上年数的企业计入总量，不影响增速。
select
    b.period,
    b.item,
    b.credit_code,
    f.name as firm_name,
    coalesce(f.zone, 'none') as zone,
    coalesce(f.chain, 'none') as chain,
    f.size_class,
    b.is_reported,
    b.ytd_cny,
    b.comparable_ytd_cny,
    b.prior_ytd_cny,
    b.comparable_ytd_cny - b.prior_ytd_cny as change_cny,
    ratio((b.comparable_ytd_cny - b.prior_ytd_cny) * 100, t.prior_ytd_cny) as contribution_points,
    case
        when t.contribution_share is not null
        then ratio(b.comparable_ytd_cny - b.prior_ytd_cny, t.comparable_ytd_cny - t.prior_ytd_cny)
    end as contribution_share
from int_basis as b
join firms as f on f.credit_code = b.credit_code and f.roster_from = b.spell_from
join monthly_totals as t
    on t.period = b.period and t.item = b.item and t.scope_kind = 'district'
where b.form = 'B204-1' and b.item in ('output', 'sales', 'exports')

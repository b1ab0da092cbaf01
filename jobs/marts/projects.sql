-- mart: projects
-- purpose: Projects month by month, attracted and returning, each as the newest ledger up to the month says | 招商引资和六个回归项目分月情况
-- grain: period, project_no
-- inputs: records, int_ledger_rows, int_ledger_months, chains
-- columns:
--   period | month | Month, its first day | 报告期
--   project_no | code | Number of the project | 项目编号
--   name | text | Name of the project | 项目名称
--   credit_code | code | Firm; null until it exists | 统一社会信用代码
--   kind | code | attracted (招商引资) or returning to the district (六个回归) | 类型
--   chain | code | Key of dim_chain; `none` for none | 产业链
--   stage | code | signed, building or producing | 阶段
--   investment_cny | CNY | Investment as a whole | 总投资
--   output_at_capacity_cny | CNY | Output a year at capacity | 达产年产值
--   signed_on | date | Day it was signed | 签约日期
--   started_on | date | Day building began | 开工日期
--   producing_on | date | Day production began | 投产日期
--   firm_name | text | The firm's name in the ledger | 项目单位
--   kind_zh | text | kind in Chinese | 类型中文
--   stage_zh | text | stage in Chinese | 阶段中文
-- not_null: name, chain, kind, stage, kind_zh, stage_zh
-- accepted kind: attracted, returning
-- accepted stage: signed, building, producing
-- reconcile no_project_is_lost:
--   select k.record_key from int_ledger_rows as k
--   left join this on this.project_no = k.record_key and this.period = k.period
--   where k.form = 'LY-04' and this.project_no is null
-- rules: Returned are the returning projects that produce; those that are signed or being built are still to
--   come. A project that later ledgers do not mention stays as it was.
with
said as (
    select
        k.period,
        k.replaced_in,
        r.record_key as project_no,
        max(case when r.column_name = 'project_name' then r.value_text end) as name,
        max(case when r.column_name = 'credit_code' then r.value_text end) as credit_code,
        max(case when r.column_name = 'firm_name' then r.value_text end) as firm_name,
        max(case when r.column_name = 'kind' then r.value_text end) as kind,
        max(case when r.column_name = 'chain' then r.value_text end) as chain,
        max(case when r.column_name = 'stage' then r.value_text end) as stage,
        max(case when r.column_name = 'investment' then r.value_cny end) as investment_cny,
        max(case when r.column_name = 'output_at_capacity' then r.value_cny end)
            as output_at_capacity_cny,
        max(case when r.column_name = 'signed_on' then r.value_date end) as signed_on,
        max(case when r.column_name = 'started_on' then r.value_date end) as started_on,
        max(case when r.column_name = 'producing_on' then r.value_date end) as producing_on
    from records as r
    join int_ledger_rows as k
        on k.submission_id = r.submission_id and k.form = r.form and k.period = r.period
        and k.record_key = r.record_key
    where r.form = 'LY-04'
    group by k.period, k.replaced_in, r.record_key
)
select
    m.period,
    s.project_no,
    s.name,
    s.credit_code,
    s.kind,
    coalesce(c.chain, 'none') as chain,
    s.stage,
    s.investment_cny,
    s.output_at_capacity_cny,
    s.signed_on,
    s.started_on,
    s.producing_on,
    s.firm_name,
    case s.kind when 'attracted' then '招商引资' else '六个回归' end as kind_zh,
    case s.stage when 'signed' then '签约' when 'building' then '在建' else '投产' end as stage_zh
from said as s
join int_ledger_months as m
    on m.form = 'LY-04'
    and m.period >= s.period
    and (s.replaced_in is null or m.period < s.replaced_in)
left join chains as c on s.chain in (c.chain, c.name_zh)

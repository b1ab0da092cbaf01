-- mart: int_coverage
-- purpose: How much of a month is in: who owes the form, whose report came and counts, and their weight last year
-- grain: form, period, scope_kind, scope_id, item
-- inputs: int_states, thresholds, int_scopes, int_figures, int_last_year, targets
-- looks_ahead: no
-- columns:
--   form | code | Form number | 表号
--   period | month | Month reported, its first day | 报告期
--   scope_kind | code | district, zone, chain, industry_section, industry, industry_class, size, leading or firm | 口径类别
--   scope_id | code | Key of the scope within its kind | 口径代码
--   item | code | Item, as in int_scope_totals | 指标
--   firms_due | count | Firms of the scope that owe the form | 应报企业数
--   firms_received | count | Of these, firms of which any report came, whatever became of it | 已报企业数
--   firms_reported | count | Firms of the scope whose report counts | 通过企业数
--   due_value_cny | CNY | What the firms due had last year to date; null when nobody had anything | 应报企业上年同期累计
--   reported_value_cny | CNY | Of due_value_cny, that of firms whose report counts | 通过企业上年同期累计
--   reported_value_share | fraction | reported_value_cny over due_value_cny; without such a value, the share of firms; null where nobody is due | 已报份额
--   is_complete | flag | Whether that reaches complete_share_min of the settings; where nobody is due it does | 是否完整
-- not_null: firms_due, firms_received, firms_reported, is_complete
-- rules: Due is who owes the form (see owed); before the month `since` of the settings only who sent
--   something. A firm's weight is what int_last_year has of the item. In scopes of industries are the firms
--   whose main industry it is and those that report a row in it; weights there are those of the rows,
--   whoever is due. The items are those reported and those of targets, whether anybody reports them or not.
with
scopes as (
    -- of single firms only those that have a target
    select s.*
    from int_scopes as s
    left join (select distinct scope_id from targets where scope_kind = 'firm') as g
        on g.scope_id = s.scope_id
    where s.scope_kind <> 'firm' or g.scope_id is not null
),
placed_states as (
    select t.*, s.scope_kind, s.scope_id
    from int_states as t
    join scopes as s
        on s.credit_code = t.credit_code
        and s.spell_from <= t.period
        and (s.spell_to is null or t.period <= s.spell_to)
),
members as (
    select *
    from placed_states
    union all
    -- an industry that is reported, where it is not the firm's main one
    select t.*, f.item, f.division
    from int_states as t
    join int_figures as f
        on f.form = t.form and f.period = t.period and f.credit_code = t.credit_code
    left join scopes as s
        on s.credit_code = t.credit_code
        and s.scope_kind = f.item
        and s.scope_id = f.division
        and s.spell_from <= t.period
        and (s.spell_to is null or t.period <= s.spell_to)
    where f.division <> '' and s.credit_code is null
),
responses as (
    select
        form,
        period,
        scope_kind,
        scope_id,
        count(case when is_due then 1 end) as firms_due,
        count(case when is_due and is_received then 1 end) as firms_received,
        count(case when is_counted then 1 end) as firms_reported,
        count(case when is_due and is_counted then 1 end) as firms_due_reported
    from members
    group by form, period, scope_kind, scope_id
),
weights as (
    select
        t.form,
        t.period,
        t.credit_code,
        t.is_counted,
        h.item,
        h.division,
        h.ytd_cny
    from int_states as t
    join int_last_year as h
        on h.form = t.form
        and h.credit_code = t.credit_code
        and h.period = t.period
    where t.is_due and h.ytd_cny is not null
),
placed as (
    select w.form, w.period, w.item, w.is_counted, w.ytd_cny, s.scope_kind, s.scope_id
    from weights as w
    join scopes as s
        on s.credit_code = w.credit_code
        and s.spell_from <= w.period
        and (s.spell_to is null or w.period <= s.spell_to)
    where w.division = '' and s.scope_kind not like 'industry%'
    union all
    select w.form, w.period, 'output' as item, w.is_counted, w.ytd_cny, w.item as scope_kind, w.division
    from weights as w
    where division <> ''
),
due_values as (
    select
        form,
        period,
        scope_kind,
        scope_id,
        item,
        sum(ytd_cny) as due_cny,
        sum(case when is_counted then ytd_cny else 0 end) as reported_cny
    from placed
    group by form, period, scope_kind, scope_id, item
),
items as (
    -- in a month those that were seen up to it, and those that are asked for whether seen or not
    select form, item, is_industry, min(seen_in) as seen_in
    from (
        select
            form,
            case when division = '' then item else 'output' end as item,
            division <> '' as is_industry,
            period as seen_in
        from int_figures
        union all
        select 'B204-1', 'output', false, date '1900-01-01'
        union all
        select form, split_part(item, '/', 1), scope_kind = 'industry', date '1900-01-01'
        from targets
        union all
        select form, split_part(item, '/', 2), scope_kind = 'industry', date '1900-01-01'
        from targets
        where item like '%/%'
    )
    group by form, item, is_industry
),
places as (
    select
        coalesce(r.form, v.form) as form,
        coalesce(r.period, v.period) as period,
        coalesce(r.scope_kind, v.scope_kind) as scope_kind,
        coalesce(r.scope_id, v.scope_id) as scope_id,
        r.firms_due,
        r.firms_received,
        r.firms_reported,
        r.firms_due_reported
    from responses as r
    full join (select distinct form, period, scope_kind, scope_id from due_values) as v
        on v.form = r.form
        and v.period = r.period
        and v.scope_kind = r.scope_kind
        and v.scope_id = r.scope_id
),
shares as (
    select
        p.form,
        p.period,
        p.scope_kind,
        p.scope_id,
        i.item,
        coalesce(p.firms_due, 0) as firms_due,
        coalesce(p.firms_received, 0) as firms_received,
        coalesce(p.firms_reported, 0) as firms_reported,
        v.due_cny,
        v.reported_cny,
        coalesce(ratio(v.reported_cny, v.due_cny), ratio(p.firms_due_reported, p.firms_due)) as share
    from places as p
    join items as i
        on i.form = p.form
        and i.is_industry = (p.scope_kind like 'industry%')
        and i.seen_in <= p.period
    left join due_values as v
        on v.form = p.form
        and v.period = p.period
        and v.scope_kind = p.scope_kind
        and v.scope_id = p.scope_id
        and v.item = i.item
)
select
    s.form,
    s.period,
    s.scope_kind,
    s.scope_id,
    s.item,
    s.firms_due,
    s.firms_received,
    s.firms_reported,
    s.due_cny as due_value_cny,
    s.reported_cny as reported_value_cny,
    s.share as reported_value_share,
    coalesce(s.share >= t.complete_share_min, true) as is_complete
from shares as s
cross join thresholds as t

-- mart: firm_qualifications
-- purpose: Each qualification of each firm, to be joined with the firm's figures | 企业资质明细，供与企业数据关联
-- grain: credit_code, kind
-- inputs: qualifications, dim_firm
-- columns:
--   credit_code | code | Unified social credit code | 统一社会信用代码
--   kind | code | Kind of qualification | 资质类别
--   firm_name | text | Its newest name on the roster; of a firm that never was on it the one in the seed | 单位名称
--   awarded_on | date | Valid from this day | 认定日期
--   expires_on | date | Valid to this day, included; null while it does not expire | 有效期至
--   is_on_roster | flag | Whether the firm is or was on the roster, so that figures of it may be there | 是否在库
-- not_null: awarded_on, is_on_roster
-- rules: Whether it holds in a month: awarded_on up to the month's last day, expires_on not before it.
--   Counts a month are in the mart qualifications.
--   | 某月是否有效：授予日不晚于当月末，到期日不早于当月末。各月数量见 qualifications。
select
    q.credit_code,
    q.kind,
    coalesce(f.firm_name, q.firm_name) as firm_name,
    q.awarded_on,
    q.expires_on,
    f.credit_code is not null as is_on_roster
from qualifications as q
left join dim_firm as f on f.credit_code = q.credit_code

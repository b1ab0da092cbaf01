-- mart: dim_form
-- purpose: The forms that are read | 读取的报表
-- grain: form
-- inputs: forms
-- columns:
--   form | code | Form number | 表号
--   name_zh | text | Title in Chinese | 中文名称
--   name_en | text | Title in English | 英文名称
-- not_null: name_zh, name_en
select form, name_zh, name_en
from forms

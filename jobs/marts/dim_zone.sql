-- mart: dim_zone
-- purpose: The development zones | 开发区
-- grain: zone
-- inputs: zones
-- columns:
--   zone | code | Key | 开发区
--   name_zh | text | Name in Chinese | 中文名称
--   name_en | text | Name in English | 英文名称
-- not_null: name_zh, name_en
select zone, name_zh, name_en
from zones

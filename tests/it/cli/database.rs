//! `export` into a database: figures, types, keys and comments as published; all of it or nothing.

use std::process::Output;

use super::{code, err, out, yuebao};
use crate::support::postgres::{PASSWORD, Postgres};
use crate::support::scene::{Scene, b204_book};

/// A mart with whatever a cell can hold.
pub(super) const ODD: &str = "\
-- mart: odd
-- purpose: What a reader's format may trip over | 各种特殊字符
-- grain: id
-- columns:
--   id | number | Key | 编号
--   words | text | It's text | 文字
--   empty | text | Text without letters | 空串
--   sum_cny | CNY | Money | 金额
--   rate | fraction | Rate | 比率
--   seen_at | time | When | 时刻
--   is_known | flag | Whether | 是否
select
    n.id,
    case n.id
        when 1 then '=1+1'
        when 2 then '@a' || chr(9) || '\"b\" \\N' || chr(10) || '-c,'
    end as words,
    case when n.id = 1 then '' end as empty,
    case when n.id = 1 then 1234567890123456789012.34 else -0.01 end as sum_cny,
    case when n.id = 1 then -0.306931 end as rate,
    case when n.id = 1 then to_timestamp('2024-04-10T00:00:00.000001Z') end as seen_at,
    n.id = 1 as is_known
from (values (1), (2), (3)) as n(id)
";

/// An edition of one month with that mart.
pub(super) fn scene() -> Scene {
    Scene::like("export", || {
        let scene = Scene::new();
        scene.write("jobs/marts/odd.sql", ODD);
        scene.drop_file("1.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
        scene.take_in();
        scene.publish();
        scene
    })
}

fn export(scene: &Scene, to: &str) -> Output {
    yuebao(scene, &["--lang", "en", "export", "--to", to])
}

/// Refused: the exit code, and one sentence that tells no password.
#[track_caller]
fn refused(done: &Output, expected: i32) -> String {
    let said = err(done);
    assert_eq!(code(done), expected, "{said}");
    assert!(!said.contains(PASSWORD) && !said.contains("ge:h@im"), "{said}");
    said
}

#[test]
fn a_database_gets_the_marts_as_they_are_all_or_nothing() {
    let Some(postgres) = Postgres::start() else { return };
    let scene = scene();
    let to = postgres.address("");
    let done = export(&scene, &to);
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert!(
        out(&done).contains("edition 1: 6 marts copied to schema yuebao of /"),
        "{}",
        out(&done)
    );
    as_published(&postgres);

    postgres.ask(
        "create role reader; grant usage on schema yuebao to reader; grant select on yuebao.odd to reader;
         create view public.known as select id from yuebao.odd",
    );
    let more = ODD
        .replace("select\n    n.id,", "select\n    n.id, 7 as seven,")
        .replace("-- | 是否\n", "")
        .replace("Whether | 是否\n", "Whether | 是否\n--   seven | count | Seven | 七\n");
    scene.write("jobs/marts/odd.sql", &more);
    scene.publish_because("one column more");
    let done = export(&scene, &to);
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert_eq!(postgres.ask("set role reader; select sum(seven) from yuebao.odd"), "21");
    assert_eq!(postgres.ask("select count(*) from public.known"), "3", "what stood on it stands");

    half_way(&postgres, &scene, &more);
    settings_and_machine(postgres, &scene);
}

fn as_published(postgres: &Postgres) {
    let words = "encode(convert_to(words, 'UTF8'), 'escape')";
    assert_eq!(
        postgres.ask(&format!(
            "set time zone 'UTC';
             select id, {words}, empty is null, sum_cny, rate, seen_at, is_known from yuebao.odd order by id"
        )),
        "1|=1+1|f|1234567890123456789012.34|-0.306931|2024-04-10 00:00:00.000001+00|t\n\
         2|@a\t\"b\" \\\\N\n-c,|t|-0.01|||f\n\
         3||t|-0.01|||f"
    );
    let totals = "select ytd_cny from yuebao.monthly_totals where period = '2024-03-01'
        and scope_kind = 'district' and item = 'output'";
    assert_eq!(postgres.ask(totals), "3030000.00");
    let types = "select string_agg(format_type(atttypid, atttypmod), ',' order by attnum)
        from pg_attribute where attrelid = 'yuebao.odd'::regclass and attnum > 0";
    assert_eq!(
        postgres.ask(types),
        "integer,text,text,numeric(24,2),numeric(30,6),timestamp with time zone,boolean"
    );
    let key = "select pg_get_constraintdef(oid) from pg_constraint
        where conrelid = 'yuebao.monthly_totals'::regclass";
    assert_eq!(postgres.ask(key), "PRIMARY KEY (period, scope_kind, scope_id, item)");
    let said = "select obj_description('yuebao.odd'::regclass), col_description('yuebao.odd'::regclass, 2)";
    assert_eq!(
        postgres.ask(said),
        "各种特殊字符 · What a reader's format may trip over (第1版 edition 1, SYNTHETIC 示例数据)|\
         文字 · It's text [text]"
    );
}

/// The last of the tables refuses: none is changed.
fn half_way(postgres: &Postgres, scene: &Scene, odd: &str) {
    postgres.ask(
        "alter table yuebao.target_progress rename column name to named;
         create view public.targets as select named from yuebao.target_progress",
    );
    scene.write("jobs/marts/odd.sql", &odd.replace("'=1+1'", "'=2+2'"));
    scene.publish_because("another text");
    let said = refused(&export(scene, &postgres.address("")), 2);
    assert!(said.contains("could not copy `target_progress` to /"), "{said}");
    assert!(said.contains("nothing was changed there"), "{said}");
    let before = "select words, obj_description('yuebao.odd'::regclass) like '%edition 2%'
        from yuebao.odd where id = 1";
    assert_eq!(postgres.ask(before), "=1+1|t");
    postgres.ask("drop view public.targets");
    assert_eq!(code(&export(scene, &postgres.address(""))), 0);
    assert_eq!(postgres.ask("select words from yuebao.odd where id = 1"), "=2+2");
}

fn settings_and_machine(postgres: Postgres, scene: &Scene) {
    let (to, encrypted) = (postgres.address(""), postgres.address("&sslmode=require"));
    let said = refused(&export(scene, &to.replace(PASSWORD, "wrong")), 2);
    assert!(said.contains("password authentication failed"), "{said}");
    let said = refused(&export(scene, &to.replace("/postgres?", "/nowhere?")), 2);
    assert!(said.contains("database \"nowhere\" does not exist"), "{said}");
    let said = refused(&export(scene, &encrypted), 2);
    assert!(said.contains("server does not support TLS"), "{said}");
    drop(postgres);
    let said = refused(&export(scene, &to), 3);
    assert!(said.contains("could not reach the database /"), "{said}");
    assert!(said.contains("nothing was copied"), "{said}");
}

#[test]
fn an_address_that_is_none_is_refused_before_anything_is_done() {
    let scene = scene();
    for (to, expected) in [
        ("mysql://u:ge:h%40im@h/d", "`mysql://` is nothing marts can be copied to"),
        (
            "postgres://u:ge:h%40im@h:port/d",
            "the address of the database is none (error with configuration: invalid port number)",
        ),
        ("postgres://u:ge:h%40im@h/d?sslmode=perhaps", "the address of the database is none ("),
    ] {
        let said = refused(&export(&scene, to), 2);
        assert!(said.contains(expected), "{to}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

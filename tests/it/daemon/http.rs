//! What the daemon says of itself: to HTTP clients and to the service manager.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use super::harness::{Daemon, command, scene};
use crate::support::wait;

#[test]
fn health_readiness_and_metrics_are_told() {
    let scene = scene(&[("yearly", "")]);
    let daemon = Daemon::start(&scene, &[]);
    daemon.wait_for_turns(1);
    assert_eq!(daemon.get("/healthz"), (200, "ok\n".to_owned()));
    assert_eq!(daemon.get("/readyz"), (200, "{\"obstacles\":[],\"ready\":true}\n".to_owned()));
    assert_eq!(daemon.get("/nothing").0, 404);
    let (status, text) = daemon.get("/metrics");
    assert_eq!(status, 200);
    assert!(text.trim_end().ends_with("# EOF"), "{text}");
    for line in [
        "yuebao_build_info{version=\"0.1.0\"} 1",
        "yuebao_project_sound 1",
        "yuebao_ledger_usable 1",
        "yuebao_edition_number 0",
        "yuebao_inbox_files 0",
        "yuebao_open_activations{state=\"waiting\"} 0",
    ] {
        assert!(text.contains(line), "`{line}` is missing in {text}");
    }
    for firm in crate::support::scene::FIRMS {
        assert!(!text.contains(firm.0), "metrics name no firm");
    }
    daemon.end();
}

#[test]
fn the_newest_month_is_counted_and_runs_are_counted_on_after_a_restart() {
    let scene = scene(&[("intake", "")]);
    let daemon = Daemon::start(&scene, &[]);
    // The last month of the calendar that has a deadline and is over.
    let labels = "{form=\"B204-1\",period=\"2024-12\"}";
    daemon.wait_for_turns(1);
    assert_eq!(daemon.metric(&format!("yuebao_firms_due{labels}")), 3);
    assert_eq!(daemon.metric(&format!("yuebao_firms_reported{labels}")), 0);
    let book = crate::support::scene::b204_book(0, 12, [1010, 12_120, 900, 10_800]);
    scene.drop_file("1.xlsx", &book, 8900);
    let one = || (daemon.metric(&format!("yuebao_firms_reported{labels}")) == 1).then_some(());
    wait::until("a report", one, || daemon.log());
    let done = "yuebao_runs_total{job=\"intake\",outcome=\"done\"}";
    assert_eq!(daemon.metric(done), 1);
    daemon.end();
    let daemon = Daemon::start(&scene, &[]);
    assert_eq!(daemon.metric(done), 1);
    daemon.end();
}

#[test]
fn a_port_that_is_taken_is_said_plainly() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let scene = scene(&[("yearly", "")]);
    let refused = command(&scene, &["--listen", &address]).output().unwrap();
    assert_eq!(refused.status.code(), Some(3));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains(&address) && said.contains("--listen"), "{said}");
}

#[test]
fn a_faulty_project_is_a_fault_of_the_settings() {
    let scene = scene(&[("yearly", "")]);
    scene.append("seeds/zones.csv", "a,,A\n");
    let refused = command(&scene, &[]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("seeds/zones.csv:3"), "{said}");
}

#[test]
fn listening_beyond_this_machine_is_warned_of() {
    let scene = scene(&[("yearly", "")]);
    let daemon = Daemon::start(&scene, &["--listen", "0.0.0.0:0"]);
    daemon.wait_for(&["listens beyond loopback"]);
    daemon.end();
}

#[test]
fn the_service_manager_is_told_of_start_watchdog_reload_and_end() {
    let scene = scene(&[("yearly", "")]);
    let path = scene.path("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_nonblocking(true).unwrap();
    let mut heard = String::new();
    let mut listen_for = |words: &str| {
        let look = || {
            let mut bytes = [0; 4096];
            while let Ok(length) = manager.recv(&mut bytes) {
                heard.push_str(std::str::from_utf8(&bytes[..length]).unwrap());
            }
            heard.contains(words).then_some(())
        };
        wait::until(words, look, String::new);
    };
    let mut command = command(&scene, &[]);
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "2000000");
    let daemon = Daemon::spawn(&scene, command);
    listen_for("READY=1");
    listen_for("STATUS=next: yearly at");
    listen_for("WATCHDOG=1");
    daemon.signal("HUP");
    listen_for("RELOADING=1\nMONOTONIC_USEC=");
    daemon.wait_for(&["jobs and seeds are as before"]);
    daemon.end();
    listen_for("STOPPING=1");
    assert!(heard.matches("READY=1").count() == 2, "ready again after the reload: {heard}");
}

#[test]
fn those_who_say_nothing_keep_nobody_out_and_no_files_open() {
    let scene = scene(&[("intake", "")]);
    let mut command = std::process::Command::new("sh");
    // So few files as it may open, a hundred connections would use them up.
    command.args(["-c", "ulimit -n 128; exec \"$@\"", "sh"]);
    let daemon = self::command(&scene, &[]);
    command.arg(daemon.get_program()).args(daemon.get_args());
    command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null());
    command.stderr(std::process::Stdio::piped());
    let daemon = Daemon::spawn(&scene, command);
    let mut silent = Vec::new();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(daemon.address()).unwrap();
        let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ");
        silent.push(stream);
        if silent.len() % 50 == 0 {
            assert_eq!(daemon.get("/healthz"), (200, "ok\n".to_owned()));
        }
    }
    // Runs are started all the same: a process needs files for its pipes.
    scene.drop_file("1.xlsx", b"x", 2400);
    daemon.wait_for(&["run ended", "done"]);
    assert!(!daemon.log().contains("Too many open files"), "{}", daemon.log());
    let mut first = silent.swap_remove(0);
    first.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    assert!(!matches!(first.read(&mut [0; 9]), Ok(1..)), "it gets no answer and an end");
    daemon.end();
}

#[test]
fn what_is_no_sensible_request_is_refused_and_the_next_is_answered() {
    let scene = scene(&[("yearly", "")]);
    let daemon = Daemon::start(&scene, &[]);
    daemon.wait_for_turns(1);
    let large = format!("GET /healthz HTTP/1.1\r\nX: {}\r\n\r\n", "a".repeat(4 << 20));
    let many = format!("GET /healthz HTTP/1.1\r\n{}\r\n", "X: a\r\n".repeat(1000));
    let body = "POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\nabc";
    let cases: [(&[u8], &str); 8] = [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "400"),
        (b"\0\0\0\0\r\n\r\n", "400"),
        (large.as_bytes(), "431"),
        (many.as_bytes(), "431"),
        (body.as_bytes(), "405"),
        (b"DELETE /metrics HTTP/1.1\r\nHost: a\r\n\r\n", "405"),
        (b"GET /../jobs/pipeline.toml HTTP/1.1\r\nHost: a\r\n\r\n", "404"),
        (b"HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n", "200"),
    ];
    for (request, status) in cases {
        let mut stream = TcpStream::connect(daemon.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        // It may be cut off before it has said all.
        let _ = stream.write_all(request);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let shown = String::from_utf8_lossy(&request[..request.len().min(40)]).into_owned();
        // The answer may be lost where the request was cut off.
        let is_lost = answer.is_empty() && 1 << 20 < request.len();
        assert!(is_lost || answer.contains(&format!(" {status} ")), "{shown}: {answer}");
        assert_eq!(daemon.get("/healthz").0, 200);
    }
    daemon.end();
}

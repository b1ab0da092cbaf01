//! Whether the channels of alerts find their secrets.
//!
//! In: the channels, and what the environment of this process has. Out: warnings, since that of the
//! daemon may have more. No secret is shown.

use crate::project::alerts::{Address, Channel, Url};

/// Each variable that a channel names and that leads to nothing.
pub(super) fn warnings(
    channels: &[Channel],
    variable: impl Fn(&str) -> Option<String>,
) -> Vec<String> {
    let mut warnings = Vec::new();
    for channel in channels {
        let mut warn = |key: &str, name: &str, what: &str| {
            warnings.push(format!(
                "channel `{}` of jobs/alerts.toml needs the environment variable `{name}` (`{key}`), which {what} here: no alert gets there where it is so; the daemon's environment may have it, e.g. from /etc/yuebao/environment",
                channel.name
            ));
        };
        if let Address::Variable(name) = &channel.address {
            match variable(name) {
                None => warn("url_env", name, "is not set"),
                Some(text) if Url::parse(&text).is_none() => {
                    warn("url_env", name, "holds no address like https://example.org/hook");
                }
                Some(_) => {}
            }
        }
        if let Some(name) = &channel.secret_env
            && variable(name).is_none()
        {
            warn("secret_env", name, "is not set");
        }
    }
    warnings
}

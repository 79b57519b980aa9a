//! Whom the server answers.
//!
//! Any page of any site can send requests to 127.0.0.1. So `Host` must be ours, which stops a
//! foreign name that resolves to this machine, and so must `Origin` where a browser sends it.

use axum::http::{HeaderMap, HeaderValue, header};

/// The names that the server goes by, as browsers write them.
pub struct Names {
    hosts: Vec<String>,
    origins: Vec<String>,
}

impl Names {
    /// `127.0.0.1` and `localhost` with the server's port, and the names that a reader has given:
    /// those of a forwarded port, which may have TLS in front of it.
    pub fn new(port: u16, given: &[String]) -> Self {
        let mut hosts = vec![format!("127.0.0.1:{port}"), format!("localhost:{port}")];
        // Browsers leave the port of the scheme out.
        if port == 80 {
            hosts.extend(["127.0.0.1".to_owned(), "localhost".to_owned()]);
        }
        let mut origins: Vec<_> = hosts.iter().map(|host| format!("http://{host}")).collect();
        for host in given {
            hosts.push(host.to_ascii_lowercase());
            origins.extend(["http", "https"].map(|scheme| format!("{scheme}://{host}")));
        }
        Self { hosts, origins }
    }

    /// `Host` is this server; `Origin`, if a browser sends one, is too.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), String> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = hosts.next().and_then(|host| host.to_str().ok());
        let is_ours = |host: &str| self.hosts.iter().any(|our| our.eq_ignore_ascii_case(host));
        if !host.is_some_and(is_ours) || hosts.next().is_some() {
            let mut refusal = format!("This server answers to http://{} only.\n", self.hosts[0]);
            if let Some(host) = host.and_then(|host| name(host).ok()) {
                refusal +=
                    &format!("Is its port forwarded to you? Start it with `--host {host}`.\n");
            }
            return Err(refusal);
        }
        let foreign = |origin: &HeaderValue| {
            let is = |our: &String| our.as_bytes().eq_ignore_ascii_case(origin.as_bytes());
            !self.origins.iter().any(is)
        };
        if headers.get_all(header::ORIGIN).iter().any(foreign) {
            return Err("A page of another origin may not use this server.\n".to_owned());
        }
        Ok(())
    }
}

/// A name, with a port or without, as it stands in `Host`. One name, no pattern: whoever gives it
/// knows where the book is read.
pub fn name(text: &str) -> Result<String, String> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let is_name = !host.is_empty() && host.chars().all(is_word);
    let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    match is_name && is_port {
        true => Ok(text.to_owned()),
        false => Err("a name as your browser's address bar has it: `localhost:8080`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(names: &Names, host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        names.check(&headers).is_ok()
    }

    #[test]
    fn on_port_80_browsers_name_no_port() {
        let names = Names::new(80, &[]);
        for host in ["localhost", "127.0.0.1", "localhost:80"] {
            assert!(allows(&names, host, None), "{host}");
            let origin = format!("http://{host}");
            assert!(allows(&names, host, Some(&origin)), "{origin}");
        }
        assert!(!allows(&names, "evil.example", None));
        assert!(!allows(&Names::new(4000, &[]), "localhost", None));
    }

    #[test]
    fn a_forwarded_port_has_a_name_of_its_own() {
        let names = Names::new(4000, &["localhost:8080".into(), "Book.example".into()]);
        for (host, origin) in [
            ("localhost:4000", "http://localhost:4000"),
            ("localhost:8080", "http://localhost:8080"),
            ("book.example", "https://book.example"),
            // What forwards may put the server's own name into `Host`.
            ("localhost:4000", "https://book.example"),
        ] {
            assert!(allows(&names, host, Some(origin)), "{host}, {origin}");
        }
        for (host, origin) in [
            ("localhost:8081", "http://localhost:8081"),
            ("book.example:8080", "http://book.example"),
            ("not-book.example", "http://not-book.example"),
            ("book.example.evil.example", "http://book.example"),
            ("book.example", "http://evil.example"),
            ("book.example", "null"),
        ] {
            assert!(!allows(&names, host, Some(origin)), "{host}, {origin}");
        }
    }

    #[test]
    fn a_refusal_names_the_way() {
        let refused = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            Names::new(4000, &[]).check(&headers).unwrap_err()
        };
        assert!(refused("localhost:8080").contains("`--host localhost:8080`"));
        assert!(!refused("<b>").contains("<b>"));
    }

    #[test]
    fn a_name_is_one_name() {
        for good in ["localhost:8080", "book.example", "a-4000.app.example"] {
            assert_eq!(name(good).as_deref(), Ok(good));
        }
        for bad in [
            "",
            "*",
            "*.example",
            "http://a",
            "a/b",
            "a:",
            "a:x",
            "a:0",
            ":80",
            "a b",
        ] {
            assert!(name(bad).is_err(), "{bad}");
        }
    }
}

//! A request head, and what can be wrong with one. httparse knows the grammar.

use std::{error, fmt, io};

use crate::{HEAD_TIMEOUT, Response};

/// The most header lines in a head.
const HEADER_LINES: usize = 100;

/// The head of a request (RFC 9112, section 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    /// What is asked for, as it was sent: `/updates?since=3`.
    pub target: String,
    /// 0 for HTTP/1.0, 1 for HTTP/1.1.
    pub minor_version: u8,
    /// Names and values, a pair for each line. What is not UTF-8 reads as U+FFFD.
    pub headers: Vec<(String, String)>,
}

impl Request {
    /// Parses the head at the start of `received`: the request, and the head's length in bytes.
    ///
    /// `None`: it is not complete yet. Each call begins at the first byte; with heads of 8 KiB at
    /// most that is cheap enough.
    pub fn parse(received: &[u8]) -> Result<Option<(Request, usize)>, HeadError> {
        let mut lines = [httparse::EMPTY_HEADER; HEADER_LINES];
        let mut head = httparse::Request::new(&mut lines);
        let length = match head.parse(received) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(httparse::Error::TooManyHeaders) => return Err(HeadError::TooLong),
            Err(error) => return Err(HeadError::Malformed(error)),
        };
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let headers = head.headers.iter();
        let request = Request {
            method: head.method.unwrap_or_default().to_owned(),
            target: head.path.unwrap_or_default().to_owned(),
            minor_version: head.version.unwrap_or_default(),
            headers: headers
                .map(|line| (line.name.to_owned(), text(line.value)))
                .collect(),
        };
        Ok(Some((request, length)))
    }

    /// The value of each line with this name, in order. Names compare without regard to case.
    pub fn headers_named(&self, name: &str) -> impl Iterator<Item = &str> {
        let lines = self.headers.iter();
        lines
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The value of the first line with this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers_named(name).next()
    }

    /// The target without its query: `/updates`. `http://host/updates` is read as well (RFC 9112,
    /// section 3.2.2).
    pub fn path(&self) -> &str {
        let path = self.target.split('?').next().unwrap_or_default();
        match path.split_once("://") {
            Some((scheme, rest)) if !scheme.starts_with('/') => {
                rest.find('/').map_or("/", |slash| &rest[slash..])
            }
            _ => path,
        }
    }

    /// The value of `name` in the query: `3` in `/updates?since=3`. Percent signs are not decoded.
    pub fn query(&self, name: &str) -> Option<&str> {
        let (_, query) = self.target.split_once('?')?;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// Whether a body follows the head (RFC 9112, section 6).
    pub fn announces_body(&self) -> bool {
        self.header("Transfer-Encoding").is_some()
            || self.headers_named("Content-Length").any(|n| n != "0")
    }
}

/// Why no head could be read.
#[derive(Debug)]
pub enum HeadError {
    /// The bytes are not HTTP.
    Malformed(httparse::Error),
    /// The head is longer than `HEAD_LIMIT`, or has too many lines.
    TooLong,
    /// The head had begun and was not complete in time.
    TooSlow,
    /// The peer closed in the middle of the head.
    Cut,
    /// The stream failed.
    Io(io::Error),
}

impl HeadError {
    /// What to answer before closing; nothing where nobody is left to read it.
    pub fn response(&self) -> Option<Response> {
        let status = match self {
            HeadError::Malformed(_) => 400,
            HeadError::TooSlow => 408,
            HeadError::TooLong => 431,
            HeadError::Cut | HeadError::Io(_) => return None,
        };
        Some(Response::text(status, format!("{self}\n")))
    }
}

impl fmt::Display for HeadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HeadError::Malformed(error) => write!(f, "not an HTTP request: {error}"),
            HeadError::TooLong => write!(f, "the request head is too long"),
            HeadError::TooSlow => write!(
                f,
                "the request head was not complete after {} s",
                HEAD_TIMEOUT.as_secs()
            ),
            HeadError::Cut => write!(f, "the connection closed in the middle of a request head"),
            HeadError::Io(error) => write!(f, "the connection failed: {error}"),
        }
    }
}

impl error::Error for HeadError {}

impl From<io::Error> for HeadError {
    fn from(error: io::Error) -> Self {
        HeadError::Io(error)
    }
}

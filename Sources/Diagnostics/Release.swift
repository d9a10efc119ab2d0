/// The version of all programs of this package, as `--version` and greetings say it.
package let releaseVersion = "0.1"

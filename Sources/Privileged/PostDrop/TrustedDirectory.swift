import LocalSubmission
import Posix
import Settings

/// Which configuration a caller may choose for a program that has rights the caller has not.
enum TrustedDirectory {
    /// The directory that was asked for, or the one that MAIL_CONFIG or the system names.
    ///
    /// With elevated rights another directory than the standard one must be root's choice: the
    /// caller is root, or the standard main.cf lists it.
    static func choose(_ wanted: Path?) throws(ConfigurationError) -> Path {
        let standard = MainConfiguration.standardDirectory
        let directory = wanted ?? MainConfiguration.defaultDirectory()
        if directory == standard || !Rights.areElevated || Rights.user == 0 { return directory }
        let allowed = try MainConfiguration.load(directory: standard)
            .settings(SubmissionSettings.self)
        if (allowed.alternateDirectories + allowed.instanceDirectories).contains(
            directory.description)
        {
            return directory
        }
        throw ConfigurationError(
            "unauthorized configuration directory name: \(directory); specify "
                + "\"alternate_config_directories = \(directory)\" in \(standard)/main.cf")
    }
}

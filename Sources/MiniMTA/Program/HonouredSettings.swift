import Bounces
import Cleanup
import LocalSubmission
import MailQueue
import QueueManager
import Rewriting
import SMTPServer
import Services
import Settings
import Tables
import Transports

/// Every group of parameters that the programs of the mail system obey.
///
/// What main.cf sets beyond them is warned about at start.
enum HonouredSettings {
    static let groups: [any SettingsGroup.Type] = [
        HostSettings.self, QueueSettings.self, LogSettings.self, ServiceSettings.self,
        MasterSettings.self, AliasSettings.self, SubmissionSettings.self, QueueManagerSettings.self,
        LocalSettings.self,
        BounceSettings.self, RewritingSettings.self,
        SMTPServerSettings.self, SMTPAccessSettings.self,
        CleanupSettings.self,
    ]
}

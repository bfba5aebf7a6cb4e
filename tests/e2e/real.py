"""Real servers of the distribution, each in a folder of its own, on loopback.

Most run once a connection, as inetd would have them, on a port that the kernel chose; those
that only listen by themselves are given one that was free a moment ago.
"""

import glob
import grp
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time

PATIENCE = 60.0


def certificate(folder):
    """A key and a certificate for localhost, which is its own authority."""
    key, cert = folder / "server.key", folder / "server.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "30", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", cert],
        check=True, capture_output=True)
    return key, cert


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


class Inetd:
    """Starts the command for each connection, with the connection as its input and output."""

    def __init__(self, command, **options):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self.command, self.options, self.children = command, options, []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        try:
            while True:
                connection, _ = self.listener.accept()
                with connection:
                    self.children.append(subprocess.Popen(
                        self.command, stdin=connection, stdout=connection, **self.options))
        except OSError:
            pass

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for child in self.children:
            child.terminate()
            child.wait(PATIENCE)


class Daemon:
    """Runs in the foreground and listens at `port`; made anew where somebody took that."""

    def __init__(self, command, log, leaves=None, **options):
        self.leaves = leaves
        for _ in range(5):
            self.port = free_port()
            self.address = f"127.0.0.1:{self.port}"
            self.command = command(self.port)
            self.log, self.options = log, options
            if self.start():
                return
            self.close()
        raise AssertionError(pathlib.Path(log).read_text())

    def start(self):
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=out, **self.options)
        return self.listens()

    def listens(self):
        until = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            except OSError:
                # Until it has come up there is no event to wait for.
                threading.Event().wait(0.05)
        return False

    def close(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        if self.leaves:
            shutil.rmtree(self.leaves, ignore_errors=True)


def redis(folder):
    return Daemon(lambda port: ["redis-server", "--bind", "127.0.0.1", "--port", str(port),
                                "--dir", folder, "--save", ""], folder / "log")


def memcached(folder):
    return Daemon(lambda port: ["memcached", "-l", "127.0.0.1", "-p", str(port), "-U", "0", "-u",
                                pwd.getpwuid(os.getuid()).pw_name], folder / "log")


def unbound(folder, key=None, cert=None):
    """Knows found.test and services of zone.test; with a key it answers over TLS alone."""
    tls = f"  tls-service-key: {key}\n  tls-service-pem: {cert}\n" if key else ""
    user = pwd.getpwuid(os.getuid()).pw_name

    def command(port):
        config = folder / "unbound.conf"
        config.write_text(
            f"server:\n  directory: {folder}\n  username: {user}\n  chroot: \"\"\n"
            f"  pidfile: {folder}/pid\n  use-syslog: no\n  do-daemonize: no\n"
            f"  interface: 127.0.0.1@{port}\n" + (tls and f"  tls-port: {port}\n" + tls) +
            "  module-config: iterator\n  local-zone: test. static\n"
            "  local-data: 'found.test. 30 A 127.0.0.7'\n"
            "  local-data: '_http._tcp.zone.test. 30 SRV 0 5 8001 one.zone.test.'\n"
            "  local-data: '_http._tcp.zone.test. 30 SRV 0 5 8002 two.zone.test.'\n")
        return ["unbound", "-d", "-c", config]

    return Daemon(command, folder / "log")


def sshd(folder, settings=""):
    key = folder / "host_key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    (folder / "sshd_config").write_text(f"UsePAM no\n{settings}\n")
    if os.getuid() == 0:
        os.makedirs("/run/sshd", exist_ok=True)
    return Inetd(["/usr/sbin/sshd", "-i", "-f", folder / "sshd_config", "-h", key],
                 stderr=subprocess.DEVNULL)


def exim(folder, key, cert, rcpt="accept", tls=True, password=None):
    """Takes mail into its spool and leaves it there."""
    user = pwd.getpwuid(os.getuid()).pw_name
    config = folder / "exim.conf"
    config.write_text(
        f"exim_user = {user}\nexim_group = {user}\nprimary_hostname = localhost\n"
        f"spool_directory = {folder}\nlog_file_path = {folder}/%slog\n"
        f"tls_advertise_hosts = {'*' if tls else ''}\nqueue_only\ntls_certificate = {cert}\ntls_privatekey = {key}\n"
        "acl_smtp_rcpt = rcpt\nhost_lookup =\nrfc1413_query_timeout = 0s\n"
        + ("auth_advertise_hosts = *\n" if password else "")
        + f"begin acl\nrcpt:\n  {rcpt}\n"
        + ("begin authenticators\nplain:\n  driver = plaintext\n  public_name = PLAIN\n"
           "  server_prompts = :\n"
           f"  server_condition = ${{if eq{{$auth3}}{{{password}}}}}\n" if password else ""))
    return Inetd(["exim4", "-C", config, "-bs"], stderr=subprocess.DEVNULL)


def vsftpd(folder, key, cert):
    (folder / "empty").mkdir()
    config = folder / "vsftpd.conf"
    config.write_text(
        "listen=NO\nbackground=NO\nanonymous_enable=YES\nssl_enable=YES\nallow_anon_ssl=YES\n"
        f"rsa_cert_file={cert}\nrsa_private_key_file={key}\n"
        f"secure_chroot_dir={folder}/empty\nrun_as_launching_user=YES\nseccomp_sandbox=NO\n"
        f"isolate=NO\nisolate_network=NO\nvsftpd_log_file={folder}/log\n")
    config.chmod(0o600)
    return Inetd(["vsftpd", config], stderr=subprocess.DEVNULL)


def dovecot(folder, key, cert, protocol="imap"):
    """Lets in whoever has the password "right"; its mail is where its own user can write."""
    user = "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    who = pwd.getpwnam(user)
    group = grp.getgrgid(who.pw_gid).gr_name
    mail = pathlib.Path(tempfile.mkdtemp(prefix="picket-mail-"))
    os.chown(mail, who.pw_uid, who.pw_gid)

    def command(port):
        config = folder / "dovecot.conf"
        config.write_text(
            f"protocols = {protocol}\nbase_dir = {folder}/run\nlog_path = {folder}/log\n"
            f"ssl = yes\nssl_cert = <{cert}\nssl_key = <{key}\n"
            f"default_login_user = {user}\ndefault_internal_user = {user}\n"
            f"default_internal_group = {group}\nfirst_valid_uid = 1\nfirst_valid_gid = 1\n"
            "auth_failure_delay = 0\n"
            "passdb {\n  driver = static\n  args = password=right\n}\n"
            "userdb {\n  driver = static\n"
            f"  args = uid={who.pw_uid} gid={who.pw_gid} home={mail}\n}}\n"
            f"mail_location = maildir:{mail}/mail\n"
            "service anvil {\n  chroot =\n}\n"
            f"service {protocol}-login {{\n  chroot =\n"
            f"  inet_listener {protocol} {{\n    address = 127.0.0.1\n    port = {port}\n  }}\n"
            f"  inet_listener {protocol}s {{\n    port = 0\n  }}\n}}\n")
        return ["dovecot", "-F", "-c", config]

    return Daemon(command, folder / "out", leaves=mail)


def mosquitto(folder, users=None):
    def command(port):
        config = folder / "mosquitto.conf"
        config.write_text(f"listener {port} 127.0.0.1\nuser {pwd.getpwuid(os.getuid()).pw_name}\n"
                          + (f"allow_anonymous false\npassword_file {users}\n" if users
                             else "allow_anonymous true\n"))
        return ["mosquitto", "-c", config]

    return Daemon(command, folder / "log")


def slapd(folder, key, cert):
    (folder / "db").mkdir()
    config = folder / "slapd.conf"
    config.write_text(
        f"include /etc/ldap/schema/core.schema\npidfile {folder}/pid\n"
        f"TLSCertificateFile {cert}\nTLSCertificateKeyFile {key}\n"
        f"database ldif\ndirectory {folder}/db\nsuffix \"dc=test\"\n")
    return Daemon(lambda port: ["slapd", "-h", f"ldap://127.0.0.1:{port}", "-f", config,
                                "-d", "0"], folder / "log")


def postgres(folder, key, cert):
    """It refuses to run as root."""
    programs = pathlib.Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1])
    other = {}
    if os.getuid() == 0:
        other = {"user": "postgres", "group": "postgres", "extra_groups": []}
        for path in (folder, key, cert):
            shutil.chown(path, "postgres", "postgres")
    subprocess.run([programs / "initdb", "-D", folder / "db", "-A", "trust", "--no-sync", "-U",
                    "postgres"], check=True, capture_output=True, cwd=folder, **other)
    return Daemon(lambda port: [
        programs / "postgres", "-D", folder / "db", "-p", str(port), "-h", "127.0.0.1", "-k",
        folder, "-c", "ssl=on", "-c", f"ssl_cert_file={cert}", "-c", f"ssl_key_file={key}",
    ], folder / "log", cwd=folder, **other)

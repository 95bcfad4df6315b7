# bash completion for posthaste. Written from its table of commands: do not edit.
_posthaste() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W 'send resend check inspect sendmail inbox outbox completion --help --version' -- "$word")
    return
  fi
  case "$command $before" in
    'send --url') :; return ;;
    'send --account') :; return ;;
    'send --password-file') compopt -o default; return ;;
    'send --password-command') :; return ;;
    'send --from') :; return ;;
    'send --to') :; return ;;
    'send --resent') mapfile -t COMPREPLY < <(compgen -W 'error latest ignore' -- "$word"); return ;;
    'send --line-endings') mapfile -t COMPREPLY < <(compgen -W 'normalize normalize-all reject' -- "$word"); return ;;
    'send --timeout') :; return ;;
    'resend --url') :; return ;;
    'resend --account') :; return ;;
    'resend --password-file') compopt -o default; return ;;
    'resend --password-command') :; return ;;
    'resend --resent-from') :; return ;;
    'resend --resent-to') :; return ;;
    'resend --resent-cc') :; return ;;
    'resend --resent-bcc') :; return ;;
    'resend --files-from') compopt -o default; return ;;
    'resend --sort') mapfile -t COMPREPLY < <(compgen -W 'none date' -- "$word"); return ;;
    'resend --journal') compopt -o default; return ;;
    'resend --on-success') :; return ;;
    'resend --rate') :; return ;;
    'resend --concurrency') :; return ;;
    'resend --retries') :; return ;;
    'resend --confirm') mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$word"); return ;;
    'resend --resent') mapfile -t COMPREPLY < <(compgen -W 'error latest ignore' -- "$word"); return ;;
    'resend --line-endings') mapfile -t COMPREPLY < <(compgen -W 'normalize normalize-all reject' -- "$word"); return ;;
    'resend --timeout') :; return ;;
    'check --url') :; return ;;
    'check --account') :; return ;;
    'check --password-file') compopt -o default; return ;;
    'check --password-command') :; return ;;
    'check --timeout') :; return ;;
    'inspect --resent') mapfile -t COMPREPLY < <(compgen -W 'error latest ignore' -- "$word"); return ;;
    'sendmail -f') :; return ;;
    'sendmail -F') :; return ;;
    'sendmail -N') :; return ;;
    'sendmail -R') :; return ;;
    'sendmail -V') :; return ;;
    'sendmail --url') :; return ;;
    'sendmail --account') :; return ;;
    'sendmail --password-file') compopt -o default; return ;;
    'sendmail --password-command') :; return ;;
    'inbox --smtp-port') :; return ;;
    'inbox --web-port') :; return ;;
    'inbox --host') :; return ;;
    'inbox --allow-host') :; return ;;
    'inbox --max-messages') :; return ;;
    'inbox --max-octets') :; return ;;
    'inbox --max-message-octets') :; return ;;
    'inbox --tls-certificate') compopt -o default; return ;;
    'outbox --state') mapfile -t COMPREPLY < <(compgen -W 'queued sending deferred unknown quarantined sent partial failed cancelled' -- "$word"); return ;;
    'outbox --limit') :; return ;;
    'outbox --older-than') :; return ;;
    'outbox --window') mapfile -t COMPREPLY < <(compgen -W '24h 1h 6h 7d' -- "$word"); return ;;
    'outbox --port') :; return ;;
    'outbox --host') :; return ;;
    'outbox --allow-host') :; return ;;
  esac
  case "$word" in
    -*)
      case "$command" in
        send) mapfile -t COMPREPLY < <(compgen -W '--url --account --password-file --password-command --from --to --dry-run -n --json --resent --allow-long-lines --line-endings --timeout --debug --help -h --version' -- "$word") ;;
        resend) mapfile -t COMPREPLY < <(compgen -W '--url --account --password-file --password-command --resent-from --resent-to --resent-cc --resent-bcc --files-from --null -0 --sort --dry-run -n --probe --journal --resend-unknown --on-success --rate --concurrency --retries --confirm --json --verbose -v --resent --allow-long-lines --line-endings --timeout --debug --help -h --version' -- "$word") ;;
        check) mapfile -t COMPREPLY < <(compgen -W '--url --account --password-file --password-command --json --timeout --debug --help -h --version' -- "$word") ;;
        inspect) mapfile -t COMPREPLY < <(compgen -W '--json --resent --help -h --version' -- "$word") ;;
        sendmail) mapfile -t COMPREPLY < <(compgen -W '-t -i -f -F -N -R -V -bm -v --url --account --password-file --password-command -- --help' -- "$word") ;;
        inbox) mapfile -t COMPREPLY < <(compgen -W '--smtp-port --web-port --host --allow-host --max-messages --max-octets --max-message-octets --tls --tls-certificate --quiet -q --help -h --version' -- "$word") ;;
        outbox) mapfile -t COMPREPLY < <(compgen -W '--state --limit --older-than --window --json --serve --port --host --allow-host --help -h --version' -- "$word") ;;
        completion) mapfile -t COMPREPLY < <(compgen -W '--help -h --version' -- "$word") ;;
      esac
      ;;
    *)
      case "$command $COMP_CWORD" in
        'outbox 3') mapfile -t COMPREPLY < <(compgen -W 'list show retry cancel purge' -- "$word") ;;
        'completion 2') mapfile -t COMPREPLY < <(compgen -W 'bash zsh' -- "$word") ;;
        *) compopt -o default ;;
      esac
      ;;
  esac
}
complete -F _posthaste posthaste

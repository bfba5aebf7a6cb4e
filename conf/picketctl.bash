# picketctl.bash - completion for bash: commands, options, and the names of endpoints.
#
# Commands and options are what `picketctl help` says, so this file need not know them.
# Names come from the daemon, asked over the socket that the command line names.
# shellcheck shell=bash

# Lines of the standard input that begin with the word, quoted where the shell needs it.
_picketctl_offer() {
	local line

	while IFS= read -r line; do
		[[ $line == "$1"* ]] && printf '%q\n' "$line"
	done
}

_picketctl_commands() {
	picketctl help 2>/dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\)  .*/\1/p'
	echo help
}

_picketctl_options() {
	picketctl help "$@" 2>/dev/null | grep -oE -e '--[a-z-]+' | sort -u
}

# A glob in what is typed so far means itself.
_picketctl_names() {
	local socket=$1 word=$2

	word=${word//[^[:alnum:]._-]/?}
	picketctl ${socket:+-s "$socket"} names "$word*" 2>/dev/null
}

# What can stand behind an option, or behind a command.
_picketctl_values() {
	local previous=$1 command=$2 socket=$3 word=$4

	case $previous in
	--color) printf '%s\n' auto always never ;;
	--state) printf '%s\n' pending up degraded down unknown paused ;;
	--type) printf '%s\n' verdict state incident notification config ;;
	*)
		case $command in
		help) _picketctl_commands ;;
		ack | unsilence | notify-test | reload | jsonpath | try | version) ;;
		*) _picketctl_names "$socket" "$word" ;;
		esac
		;;
	esac
}

_picketctl() {
	local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local command='' socket='' i

	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-s | --socket) socket=${COMP_WORDS[++i]/#\~/$HOME} ;;
		--color | --state | --type | --group | --since | --comment | --for | --until) ((i++)) ;;
		-*) ;;
		*) command=${command:-${COMP_WORDS[i]}} ;;
		esac
	done

	COMPREPLY=()
	case $previous in
	-s | --socket)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	esac
	if [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(_picketctl_options ${command:+"$command"} |
			_picketctl_offer "$word")
	elif [[ -z $command && $previous != --color ]]; then
		mapfile -t COMPREPLY < <(_picketctl_commands | _picketctl_offer "$word")
	else
		mapfile -t COMPREPLY < <(_picketctl_values "$previous" "$command" "$socket" "$word" |
			_picketctl_offer "$word")
		# Files are what try and jsonpath read.
		if [[ ${#COMPREPLY[@]} -eq 0 && ($command == try || $command == jsonpath) ]]; then
			mapfile -t COMPREPLY < <(compgen -f -- "$word")
		fi
	fi
}

complete -F _picketctl picketctl

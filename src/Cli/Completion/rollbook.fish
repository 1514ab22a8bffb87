# fish completion for rollbook. Made by: rollbook completion fish
function __rollbook_complete
    set -l line (commandline -cp)
    set -l word (commandline -ct)
    set -g __rollbook_candidates
    for candidate in (command rollbook "[suggest:"(string length -- $line)"]" "$line" 2>/dev/null)
        # Options only where one is begun: they would bury everything else.
        if string match -q -- '-*' $candidate; and not string match -q -- '-*' $word
            continue
        end
        # Where the program knows only other words, a file may be meant.
        if test -z "$word"; or string match -q -- "$word*" $candidate
            set -a __rollbook_candidates $candidate
        end
    end
    test (count $__rollbook_candidates) -gt 0
end
complete -c rollbook -n __rollbook_complete -f -a '$__rollbook_candidates'

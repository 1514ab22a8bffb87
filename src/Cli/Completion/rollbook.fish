# fish completion for rollbook. Made by: rollbook completion fish
function __rollbook_complete
    set -l line (commandline -cp)
    set -l word (commandline -ct)
    for candidate in (command rollbook "[suggest:"(string length -- $line)"]" "$line" 2>/dev/null)
        # Options only where one is begun: they would bury everything else.
        if string match -q -- '-*' $candidate; and not string match -q -- '-*' $word
            continue
        end
        echo $candidate
    end
end
complete -c rollbook -a '(__rollbook_complete)'

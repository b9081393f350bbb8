using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace NixStore.Rescue.Commands;

/// <summary>Arguments and options that several commands have.</summary>
internal static class CommonArguments
{
    /// <summary>Paths of the store.</summary>
    public static Argument<string[]> Paths(string description) => Paths(description, ArgumentArity.ZeroOrMore);

    /// <summary>So many paths of the store.</summary>
    public static Argument<string[]> Paths(string description, ArgumentArity arity)
    {
        var paths = new Argument<string[]>("path") { Description = description, Arity = arity };
        if (arity.MinimumNumberOfValues == 0)
        {
            paths.DefaultValueFactory = _ => [];
        }

        // An option that does not exist would be taken for a path.
        paths.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => token.Value.StartsWith('-')))
            {
                result.AddError($"'{token.Value}' is no option of this command.");
            }
        });
        return paths;
    }

    /// <summary>How many paths are worked on at once.</summary>
    public static Option<int> Jobs()
    {
        var jobs = new Option<int>("--jobs", "-j")
        {
            Description = "How many paths are worked on at once.", DefaultValueFactory = _ => Environment.ProcessorCount,
        };
        jobs.Validators.Add(result =>
        {
            if (IsBelowOne(result))
            {
                result.AddError("--jobs must be 1 or more.");
            }
        });
        return jobs;
    }

    /// <summary>A number that is at least one.</summary>
    public static Option<int?> Count(string name, string description)
    {
        var count = new Option<int?>(name) { Description = description };
        count.Validators.Add(result =>
        {
            if (IsBelowOne(result))
            {
                result.AddError($"{name} must be 1 or more.");
            }
        });
        return count;
    }

    /// <summary>Refuses both options together.</summary>
    public static void Exclude(Command command, Option one, Option other) => command.Validators.Add(result =>
    {
        if (result.GetResult(one) is { Implicit: false } && result.GetResult(other) is { Implicit: false })
        {
            result.AddError($"{one.Name} and {other.Name} exclude each other.");
        }
    });

    /// <summary>Asks the text: the value of one that is no number cannot be asked for, and is an error already.</summary>
    private static bool IsBelowOne(OptionResult result)
        => result.Tokens is [var token] && long.TryParse(token.Value, CultureInfo.InvariantCulture, out var number) && number < 1;
}

Console.WriteLine("Rollbook");
